export * from "./run-control.ts";
export * from "./create-control.ts";
export { readLedger } from "./ledger/read-ledger.ts";
export { openSqliteLedger } from "./ledger/sqlite-ledger.ts";
export { openSqliteStore } from "./store/sqlite-store.ts";
export { CONTROL_TEXTS, type ControlTextKey } from "./texts/control-texts.ts";
