// A manifest that uses every key once. The published example is this text with the description of each key above it; a test loads it
// and asserts that no key of the schema is left out.

/** The text without comments. */
export const EXAMPLE_SOURCE = `apiVersion: flyball/v1
name: rag
include: []
services:
  api:
    kind: service
    build: ./api
    command: [node, server.ts]
    working_dir: ./api
    environment:
      DATABASE_URL: postgres://rag:\${secrets.pg}@\${services.postgres.address}/rag
      LOG_LEVEL: \${LOG_LEVEL:-info}
    env_file: []
    ports:
      - name: http
        protocol: http
        published: 8080
        host: 127.0.0.1
    depends_on:
      migrate: completed
      retriever:
        condition: ready
        required: true
        restart: false
    healthcheck:
      http:
        path: /health
        port: http
        status: 200
      interval: 1s
      timeout: 2s
      retries: 3
      start_period: 30s
    replicas: 2
    resources:
      limits:
        cpus: 2
        memory: 512MiB
      reservations:
        cpus: 0.5
        memory: 128MiB
        gpus: 0
      priority: normal
      preempts: false
    restart:
      policy: always
      delay: 500ms
      max_delay: 30s
      reset_after: 60s
      crash_loop_after: 5
    stop_signal: SIGTERM
    stop_grace_period: 10s
    models:
      chat:
        env: OPENAI
    secrets: [pg]
    configs: [prompts]
    timeouts:
      connect: 1s
      first_byte: 30s
      gap: 60s
      total: 0
    retries:
      attempts: 2
      unsafe: false
    labels:
      team: search
  retriever:
    command: [uvicorn, "app:app", --port, "\${instance.port}"]
    depends_on: [postgres]
    healthcheck:
      tcp:
        port: http
    scale:
      min: 2
      max: 6
      target: 0.75
      window: 10s
      down_after: 2m
    warm: 1
    concurrency: 16
    balance: least-load
    max_wait: 2s
    models: [embed]
    healing:
      act: [eject, restart]
  migrate:
    kind: job
    command: [node, migrate.ts]
    run: each-release
    depends_on: [postgres]
    restart: on-failure
  postgres:
    kind: stateful
    image: pgvector/pgvector:pg17
    ports:
      - name: sql
        port: 5432
        protocol: tcp
    healthcheck:
      command: [pg_isready]
    volumes: ["pgdata:/var/lib/postgresql/data"]
    environment:
      POSTGRES_PASSWORD: \${secrets.pg}
  llm:
    serve:
      engine: extractive
      model: extractive
      args: []
    schedule:
      classes:
        high: 8
        normal: 4
        low: 2
      order: boost
      gamma: 0.02
      prefix_affinity: true
      prefix_threshold: 0.8
      prompt_chunks: 4
      kv_utilization: 0.95
      kv_tokens: 200000
      itl_objective: 100ms
      slow_start: 30s
  search:
    external: http://127.0.0.1:9200
  admin:
    build:
      context: ./admin
      dockerfile: Dockerfile
    profiles: [debug]
models:
  chat:
    backends:
      - service: llm
        model: extractive
      - provider: dashscope
        base_url: https://dashscope.aliyuncs.com/compatible-mode/v1
        model: qwen-plus
        api_key: \${secrets.dashscope}
        network: public
        ca: ./authority.pem
        region: cn
        api: dashscope
        use: [unavailable, saturated]
        weight: 1
        context: 131072
        limits:
          requests: 600/min
        budget:
          cny: 300
          per: day
          on_store_loss: refuse
    timeouts:
      first_byte: 60s
    first_token: 20s
    fallbacks: [small]
    resume: true
    hedge:
      after: learned
      cost_cap: 0.05
    cache:
      ttl: 1h
      size: 64MiB
    limits:
      tokens: 1M/min
    budget:
      - usd: 20
        per: month
  small:
    backends:
      - service: llm
        priority: lower-first
  embed:
    backends:
      - provider: dashscope
        model: text-embedding-v4
        api_key: \${secrets.dashscope}
        region: cn
routes:
  - name: search
    listener: public
    path: /search
    methods: [GET, POST]
    hosts: [localhost]
    headers:
      x-version: "2"
    services:
      - service: api
        weight: 9
      - service: retriever
        weight: 1
    strip_prefix: false
    requires_key: false
    priority: low
    timeouts:
      total: 30s
    retries:
      attempts: 1
  - listener: public
    path: /raw
    service: retriever
  - listener: public
    path: /v1
    models: [chat, embed]
  - listener: public
    path: /chat
    model: chat
gateway:
  listeners:
    public:
      host: 127.0.0.1
      port: 8000
      tls:
        cert: ./certificate.pem
        key: ./certificate.key
      cors:
        origins: [https://app.example]
        headers: [authorization, content-type]
        credentials: true
        max_age: 10m
  workers: 1
  time_zone: Asia/Shanghai
  max_body: 16MiB
  jwt:
    issuer: https://login.example.com/realms/rag
    audience: rag-gateway
    jwks_url: https://login.example.com/realms/rag/certs
    algorithms: [RS256, ES256]
    tenant_claim: tenant
    models_claim: models
  limit_store:
    url: redis://127.0.0.1:6379
    password: \${secrets.limits}
tenants:
  acme:
    limits:
      requests: [10/s, 5000/day]
      tokens: 200k/min
      concurrency: 20
      on_store_loss: local-share
    budget:
      usd: 50
      per: week
    priority: high
    weight: 2
prices:
  dashscope:
    qwen-plus:
      currency: cny
      input: 0.8
      cached_input: 0.16
      cache_write: 1
      cache_write_1h: 1
      image_input: 0.8
      audio_input: 0.8
      output: 2
      reasoning: 8
      output_with_reasoning: 8
      audio_output: 2
      long_prompt:
        - above: 128000
          input: 2.4
          cached_input: 0.48
          cache_write: 3
          cache_write_1h: 3
          image_input: 2.4
          audio_input: 2.4
          output: 20
          reasoning: 24
          output_with_reasoning: 24
          audio_output: 20
      peak:
        hours_utc: ["01:00-04:00", "22:30-00:30"]
        weekdays_only: true
        input: 1.6
        cached_input: 0.32
        cache_write: 2
        cache_write_1h: 2
        image_input: 1.6
        audio_input: 1.6
        output: 4
        reasoning: 16
        output_with_reasoning: 16
        audio_output: 4
    text-embedding-*:
      - currency: cny
        input: 0.5
        output: 0
      - currency: cny
        from: 2027-01-01
        input: 0.45
        output: 0
notify:
  channels:
    ops:
      type: webhook
      url: https://hooks.example/flyball
      secret: "\${secrets.hook}"
      network: public
      ca: ./authority.pem
    chat:
      type: dingtalk
      url: https://oapi.dingtalk.com/robot/send?access_token=\${secrets.ding}
      secret: "\${secrets.ding-sign}"
    mail:
      type: smtp
      host: smtp.example.com
      port: 587
      tls: starttls
      user: flyball
      password: "\${secrets.mail}"
      from: flyball@example.com
      to: [ops@example.com]
  routes:
    - to: [ops, chat]
      classes: [crash-loop, engine-stalled, unreachable]
      services: [llm]
      from: critical
    - to: [mail]
      from: warning
  group_wait: 1s
  repeat: 4h
  language: en
  dead_man:
    to: ops
    every: 1m
secrets:
  hook:
    env: HOOK_SECRET
  ding:
    env: DING_TOKEN
  ding-sign:
    env: DING_SECRET
  mail:
    env: MAIL_PASSWORD
  pg:
    env: PG_PASSWORD
  dashscope:
    file: ./dashscope.key
  limits:
    env: LIMIT_STORE_PASSWORD
configs:
  prompts:
    content: Answer briefly.
  rules:
    file: ./rules.txt
volumes:
  pgdata: {}
healing:
  act: [eject, restart, replace, move, scale, roll-back]
  most_per_hour: 20
  windows:
    - days: [tue]
      from: "02:00"
      to: "04:00"
data:
  allowed_regions: [cn]
targets:
  local:
    overlay:
      services:
        llm:
          serve:
            engine: simulated
  prod:
    type: kubernetes
`;
