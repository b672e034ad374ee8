// The health check of a container: exit code 0 when the app says that it is fine.
import { get } from "node:http";

const request = get({ host: "127.0.0.1", port: process.env.PORT, path: "/health" }, (response) => {
  process.exit(response.statusCode === 200 ? 0 : 1);
});
request.on("error", () => process.exit(1));
