// What the error codes of providers mean for the one who asked, as data. A row with a provider counts for that provider alone (numbers
// mean other things elsewhere); its name is a row of the gateway's table of provider traits. Codes are compared without regard to case;
// both `error.code` and `error.type` are looked up.
//
// Sources: the error pages of OpenAI, Azure OpenAI, Anthropic, DashScope (Model Studio), Moonshot (Kimi), Zhipu (BigModel), SiliconFlow,
// Mistral, Groq, DeepSeek and OpenRouter, and the servers of llama.cpp and vLLM, as of November 2026.

/** What a refusal says about the backend. */
export type FaultMeaning =
  /** Too many requests or tokens in a short time. */
  | "rate-limited"
  /** The provider as a whole has too much to do. */
  | "overloaded"
  /** Money or a long-term allowance is used up: it will not be better in a minute. */
  | "quota"
  /** Our key is unknown, blocked, or not allowed to do this. */
  | "key"
  /** The backend does not serve the model that is configured for it. */
  | "model-missing"
  /** Prompt and answer do not fit into the model's context: a larger model may take it, and the backend is not at fault. */
  | "larger-context"
  /** The provider refused the content. The client gets this answer; routing around it would undo the provider's rules. */
  | "content";

/** One code. */
export interface ProviderFault {
  readonly code: string;
  readonly meaning: FaultMeaning;
  /** Absent: with every provider. */
  readonly provider?: string;
  /** Absent: with every status. */
  readonly status?: number;
}

const everywhere = (meaning: FaultMeaning, ...codes: readonly string[]): ProviderFault[] =>
  codes.map((code) => ({ code, meaning }));
const at = (provider: string, meaning: FaultMeaning, ...codes: readonly string[]): ProviderFault[] =>
  codes.map((code) => ({ code, meaning, provider }));

/** All codes that are known. The first row that fits counts. */
export const PROVIDER_FAULTS: readonly ProviderFault[] = [
  // Groq says so of a prompt that is above a minute's whole allowance: waiting does not help.
  { code: "rate_limit_exceeded", meaning: "larger-context", provider: "groq", status: 413 },
  ...everywhere("rate-limited", "rate_limit_exceeded", "rate_limit_error", "rate_limited", "too_many_requests"),
  ...everywhere("rate-limited", "requests", "tokens", "rate_limit_reached_error", "rpm_rate_limit", "tpm_rate_limit"),
  ...everywhere("overloaded", "overloaded_error", "engine_overloaded", "engine_overloaded_error", "server_overloaded"),
  ...everywhere("overloaded", "slow_down", "over_capacity", "service_tier_capacity_exceeded", "NoCapacity"),
  ...everywhere("quota", "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "billing_error"),
  ...everywhere("quota", "exceeded_current_quota_error", "insufficient_balance", "insufficient_user_quota"),
  ...everywhere("quota", "access_terminated", "quota_exceeded"),
  ...everywhere("key", "invalid_api_key", "invalid_authentication_error", "incorrect_api_key_error"),
  ...everywhere("key", "authentication_error", "permission_error", "permission_denied_error", "account_deactivated"),
  ...everywhere("key", "organization_restricted", "invalid_organization", "ip_not_authorized", "InvalidApiKey"),
  ...everywhere("key", "unsupported_country_region_territory"),
  ...everywhere("model-missing", "model_not_found", "ModelNotFound", "model_decommissioned", "DeploymentNotFound"),
  ...everywhere("larger-context", "context_length_exceeded", "exceed_context_size_error", "string_above_max_length"),
  ...everywhere("content", "content_filter", "content_policy_violation", "moderation_blocked"),
  ...everywhere("content", "ResponsibleAIPolicyViolation", "sensitive_content"),

  ...at("dashscope", "rate-limited", "Throttling", "Throttling.RateQuota", "Throttling.AllocationQuota"),
  ...at("dashscope", "rate-limited", "Throttling.BurstRate", "limit_requests", "limit_burst_rate"),
  ...at("dashscope", "quota", "Arrearage", "AllocationQuota.FreeTierOnly", "PrepaidBillOverdue", "PostpaidBillOverdue"),
  ...at("dashscope", "quota", "CommodityNotPurchased", "AccessDenied.Unpurchased"),
  ...at("dashscope", "key", "AccessDenied", "Model.AccessDenied", "Workspace.AccessDenied"),
  ...at("dashscope", "content", "DataInspectionFailed", "data_inspection_failed"),
  ...at("dashscope", "overloaded", "ModelServingError", "ModelUnavailable"),

  ...at("zhipu", "key", "1000", "1001", "1002", "1003", "1004", "1005", "1110", "1111", "1112", "1121", "1220", "1311"),
  ...at("zhipu", "quota", "1113", "1304", "1308", "1309", "1310", "1313"),
  ...at("zhipu", "rate-limited", "1302", "1303"),
  ...at("zhipu", "overloaded", "1305", "1312"),
  ...at("zhipu", "content", "1301"),
  ...at("zhipu", "larger-context", "1261"),
  ...at("zhipu", "model-missing", "1211", "1221", "1222"),

  ...at("siliconflow", "model-missing", "20012"),
  ...at("siliconflow", "quota", "30001"),
  ...at("siliconflow", "overloaded", "50505", "50603"),

  ...at("mistral", "rate-limited", "1300"),
  ...at("mistral", "overloaded", "3505"),
  ...at("mistral", "larger-context", "3051"),
  ...at("mistral", "model-missing", "1500"),

  // A content filter before the model answers with the status of a refused key.
  { code: "403", meaning: "content", provider: "openrouter", status: 403 },
  { code: "402", meaning: "quota", provider: "openrouter", status: 402 },
];

/** Sentences of providers that have no code for it. Looked at only for the status named. */
export const FAULT_SENTENCES: readonly {
  readonly status: number;
  readonly pattern: RegExp;
  readonly meaning: FaultMeaning;
}[] = [
  {
    status: 400,
    meaning: "larger-context",
    pattern: /maximum context length|context window|context size|prompt is too long/i,
  },
  {
    status: 400,
    meaning: "larger-context",
    pattern: /model token limit|token length too long|longer than the (?:model|maximum)/i,
  },
  { status: 400, meaning: "larger-context", pattern: /range of input length should be/i },
  {
    status: 400,
    meaning: "quota",
    pattern: /credit balance is too low|insufficient balance|account is in good standing/i,
  },
  { status: 403, meaning: "quota", pattern: /balance|usage limit|arrears|欠费|余额/i },
  { status: 404, meaning: "model-missing", pattern: /model\b.*(?:not found|does not exist)|^model: /i },
  { status: 429, meaning: "quota", pattern: /exceeded your current quota|insufficient balance|usage limit for this/i },
  { status: 503, meaning: "overloaded", pattern: /server busy|too busy|overloaded|maximum pending requests/i },
];
