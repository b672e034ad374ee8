// Reviews what models answered. Usage: node review.ts [list | approve <id> | reject <id>], with FLYBALL_DATABASE_URL
// naming the database, as it does in the environment of the app's own services.
import { requestReview } from "./review-request.ts";

const { output, isOk } = await requestReview(process.argv.slice(2), process.env["FLYBALL_DATABASE_URL"]);
(isOk ? process.stdout : process.stderr).write(`${output}\n`);
process.exitCode = isOk ? 0 : 1;
