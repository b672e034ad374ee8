// Answers until SIGUSR2, and is then busy with nothing for ever: its port takes connections, nothing comes back, and it heeds no signal.
import { createServer } from "node:http";

process.on("SIGUSR2", () => {
  for (;;);
});
createServer((_, response) => void response.end("ok")).listen(Number(process.env.PORT), process.env.HOST);
