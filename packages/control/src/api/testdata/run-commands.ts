// A control over a fake target that is told what a person tells it, and says after each command that it is done. Argument: path of the store.
import { writeSync } from "node:fs";
import { createKey, revokeKey, rotateKey } from "../../keys/key-commands.ts";
import { openSqliteStore } from "../../store/sqlite-store.ts";
import { createControlRig } from "../../testing/control-rig.ts";
import { makeService, makeSpec } from "../../testing/make-spec.ts";
import { pause, resume, scale } from "../commands.ts";

const [, , path = ""] = process.argv;
const rig = await createControlRig({ store: openSqliteStore(path) });
const { context } = rig.control;
const actor = "ann";
const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(7);
const say = (what: string): void => void writeSync(1, `${what}\n`);

await rig.apply(makeSpec([makeService("api")]));
say("revision 1");
scale(context, { service: "api", replicas: 3, actor });
say("override");
scale(context, { service: "api", replicas: 4, actor });
say("override again");
pause(context, { actor, reason: "hold" });
say("pause");
const { key } = createKey(context, { request: { name: "ci" }, actor, random });
say("key");
rotateKey(context, { key: key.id, keepMs: 1_000, actor, random });
say("rotated");
await rig.apply(makeSpec([makeService("api", { replicas: 2 })]));
say("revision 2");
resume(context, { actor });
say("resume");
revokeKey(context, { key: key.id, actor });
say("revoked");
await rig.dispose();
process.exit(0);
