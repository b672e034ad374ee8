// Providers that need no base_url. All of them speak the OpenAI API at this address.

/** Base URLs by provider. */
export const PROVIDERS: Readonly<Record<string, { readonly baseUrl: string; readonly needsKey: boolean }>> = {
  openai: { baseUrl: "https://api.openai.com/v1", needsKey: true },
  dashscope: { baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1", needsKey: true },
  deepseek: { baseUrl: "https://api.deepseek.com/v1", needsKey: true },
  moonshot: { baseUrl: "https://api.moonshot.cn/v1", needsKey: true },
  zhipu: { baseUrl: "https://open.bigmodel.cn/api/paas/v4", needsKey: true },
  siliconflow: { baseUrl: "https://api.siliconflow.cn/v1", needsKey: true },
  mistral: { baseUrl: "https://api.mistral.ai/v1", needsKey: true },
  groq: { baseUrl: "https://api.groq.com/openai/v1", needsKey: true },
  openrouter: { baseUrl: "https://openrouter.ai/api/v1", needsKey: true },
  ollama: { baseUrl: "http://127.0.0.1:11434/v1", needsKey: false },
};
