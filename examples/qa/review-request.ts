// What review.ts does: one request to the database and its answer as text, one candidate a paragraph.

/** Text to print, and whether the request was granted. */
export interface ReviewResult {
  readonly output: string;
  readonly isOk: boolean;
}

/** Runs one review command against the database at a base address. */
export async function requestReview(words: readonly string[], baseUrl: string | undefined): Promise<ReviewResult> {
  const [command = "list", id] = words;
  if (baseUrl === undefined) return { output: "FLYBALL_DATABASE_URL is not set.", isOk: false };
  if (command === "list" && id === undefined) return listCandidates(baseUrl);
  if ((command === "approve" || command === "reject") && id !== undefined) return judge(baseUrl, command, id);
  return { output: "Usage: node review.ts [list | approve <id> | reject <id>]", isOk: false };
}

interface Candidate {
  readonly id: number;
  readonly question: string;
  readonly answer: string;
  readonly model: string;
  readonly state: string;
  readonly expires: string;
  readonly sources: readonly { readonly id: string }[];
}

async function listCandidates(baseUrl: string): Promise<ReviewResult> {
  const response = await fetch(`${baseUrl}/candidates`);
  if (!response.ok) return refusal(response);
  const { candidates } = (await response.json()) as { candidates: Candidate[] };
  const texts = candidates.map(({ id, question, answer, model, expires, sources }) => {
    const cited = sources.map((source) => source.id).join(", ") || "none";
    return `${id}  ${question}\n    ${answer}\n    ${model}, expires ${expires.slice(0, 10)}, sources: ${cited}`;
  });
  return {
    output: texts.length > 0 ? texts.join("\n\n") : "Nothing waits for review.",
    isOk: true,
  };
}

async function judge(baseUrl: string, command: string, id: string): Promise<ReviewResult> {
  const response = await fetch(`${baseUrl}/candidates/${encodeURIComponent(id)}/${command}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  if (!response.ok) return refusal(response);
  const { question, state, expires } = (await response.json()) as Candidate;
  return { output: `${state} until ${expires.slice(0, 10)}: ${question}`, isOk: true };
}

async function refusal(response: Response): Promise<ReviewResult> {
  return {
    output: `The database answered ${response.status}: ${(await response.text()).trim()}`,
    isOk: false,
  };
}
