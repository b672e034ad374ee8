// Hands one mail to a mail server (RFC 5321, 3207, 4954): greeting, TLS, login, envelope, text. Nothing but the greeting goes over a plain
// connection where TLS was asked for.
import type { MailSpec } from "@flyball/core";
import { createAddressGuard } from "@flyball/wire";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, getCACertificates } from "node:tls";
import type { DeliveryOutcome } from "../channel.ts";
import type { WayOut } from "../post-hook.ts";
import type { Envelope } from "./mail-message.ts";
import { createReplyReader, type ReplyReader, type SmtpReply } from "./reply-reader.ts";

/** Where it goes; the password is the value itself. */
export type MailPlace = Pick<MailSpec, "host" | "port" | "tls" | "user" | "password">;

/** A reply that says no. */
class SmtpRefusal extends Error {
  readonly code: number;
  constructor(step: string, { code, lines }: SmtpReply) {
    super(`${step}: ${code} ${lines.join(" ")}`);
    this.code = code;
  }
}

interface Session {
  socket: Socket;
  replies: ReplyReader;
}

/** Sends it; never rejects. Codes from 500 say never, those from 400 later. */
export async function sendMail(
  mail: { readonly envelope: Envelope; readonly data: string },
  place: MailPlace,
  way: WayOut,
): Promise<DeliveryOutcome> {
  const gone = new AbortController();
  const cancel = way.clock.after(way.timeoutMs, () => gone.abort(new Error(`no answer in ${way.timeoutMs} ms`)));
  const signal = AbortSignal.any([gone.signal, way.signal]);
  let session: Session | undefined;
  try {
    session = await open(place, way, signal);
    const answer = await converse(session, mail, place, way);
    return { kind: "delivered", answer };
  } catch (error) {
    const reason = signal.aborted ? (signal.reason as Error).message : error instanceof Error ? error.message : "";
    if (error instanceof SmtpRefusal && error.code >= 500) return { kind: "refused", answer: reason };
    return { kind: "failed", reason: reason || "the connection failed" };
  } finally {
    cancel();
    session?.socket.destroy();
  }
}

async function open({ host, port, tls }: MailPlace, way: WayOut, signal: AbortSignal): Promise<Session> {
  const guard = createAddressGuard(way.allowed, { resolveAll: way.resolveAll });
  const refusal = guard.refusalOf(host);
  if (refusal !== undefined) throw new Error(refusal);
  const plain = connectTcp({ host, port, lookup: guard.lookup });
  signal.addEventListener("abort", () => plain.destroy(signal.reason as Error), { once: true });
  // Under TLS, errors of the connection are those of the secured one.
  plain.on("error", () => undefined);
  await once(plain, "connect");
  const socket = tls === "implicit" ? await secured(plain, host, way) : plain;
  return { socket, replies: createReplyReader(socket) };
}

async function secured(plain: Socket, host: string, { authorities }: WayOut): Promise<Socket> {
  const socket = connectTls({
    socket: plain,
    host,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(authorities === undefined ? {} : { ca: [...getCACertificates("default"), authorities] }),
  });
  await once(socket, "secureConnect");
  return socket;
}

function once(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the mail server closed the connection")));
    socket.once(event, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}

async function converse(
  session: Session,
  { envelope, data }: { readonly envelope: Envelope; readonly data: string },
  place: MailPlace,
  way: WayOut,
): Promise<string> {
  expectCode("greeting", await session.replies.next(), [220]);
  let powers = await greet(session);
  if (place.tls === "starttls") {
    if (!powers.has("STARTTLS")) throw new Error("the mail server offers no STARTTLS; nothing was sent");
    await say(session, "STARTTLS", [220]);
    // What came with it was not encrypted and could be anybody's.
    if (session.replies.hasMore()) throw new Error("the mail server spoke before TLS was up");
    session.replies.detach();
    session.socket = await secured(session.socket, place.host, way);
    session.replies = createReplyReader(session.socket);
    powers = await greet(session);
  }
  await logIn(session, place, powers.get("AUTH") ?? "");
  await say(session, `MAIL FROM:<${envelope.from}>`, [250]);
  const refusals: SmtpRefusal[] = [];
  for (const recipient of envelope.to) {
    await say(session, `RCPT TO:<${recipient}>`, [250, 251]).catch((error: unknown) => {
      if (!(error instanceof SmtpRefusal)) throw error;
      refusals.push(error);
    });
  }
  const [first] = refusals;
  if (first !== undefined && refusals.length === envelope.to.length) throw first;
  await say(session, "DATA", [354]);
  const taken = await say(session, `${data}.`, [250], "text");
  session.socket.write("QUIT\r\n");
  const words = `${taken.code} ${taken.lines.join(" ")}`;
  return first === undefined ? words : `${words}; ${first.message}`;
}

/** What the server can do, by keyword. */
async function greet(session: Session): Promise<ReadonlyMap<string, string>> {
  const { lines } = await say(session, "EHLO [127.0.0.1]", [250]);
  return new Map(lines.slice(1).map((line) => [line.split(" ", 1)[0]?.toUpperCase() ?? "", line.toUpperCase()]));
}

async function logIn(session: Session, { user, password = "" }: MailPlace, offered: string): Promise<void> {
  if (user === undefined) return;
  const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
  const ways = offered.split(/[ =]/);
  if (ways.includes("PLAIN")) {
    await say(session, `AUTH PLAIN ${base64(`\0${user}\0${password}`)}`, [235], "login");
  } else if (ways.includes("LOGIN")) {
    await say(session, "AUTH LOGIN", [334], "login");
    await say(session, base64(user), [334], "login");
    await say(session, base64(password), [235], "login");
  } else throw new Error("the mail server offers no login by PLAIN or LOGIN; nothing was sent");
}

/** A command and its reply. `step` names it in errors, where the command itself is a secret or long. */
async function say(session: Session, command: string, wanted: readonly number[], step = command): Promise<SmtpReply> {
  session.socket.write(`${command}\r\n`);
  const reply = await session.replies.next();
  expectCode(step, reply, wanted);
  return reply;
}

function expectCode(step: string, reply: SmtpReply, wanted: readonly number[]): void {
  if (!wanted.includes(reply.code)) throw new SmtpRefusal(step, reply);
}
