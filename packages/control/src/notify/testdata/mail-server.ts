// A mail server for tests: a real conversation over TCP, with the knobs that tests need. It keeps what it was told.
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";

/** How it behaves. */
export interface MailServerKnobs {
  /** Words of EHLO besides those that follow from the other knobs. */
  readonly auth?: "PLAIN" | "LOGIN" | "CRAM-MD5";
  readonly tls?: { readonly key: string; readonly cert: string; readonly isImplicit?: boolean };
  /** The answer to a command that begins with the key, instead of its own. */
  readonly answers?: Readonly<Record<string, string>>;
  /** Plain bytes right behind the answer to STARTTLS. */
  readonly injects?: string;
}

/** What one connection said: commands, and the text of the mail as one entry. */
export interface MailServer {
  readonly port: number;
  readonly said: string[];
  close(): Promise<void>;
}

/** Starts it on loopback. */
export async function startMailServer(knobs: MailServerKnobs = {}): Promise<MailServer> {
  const said: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    const { tls } = knobs;
    if (tls?.isImplicit === true) converse(secured(socket, tls), knobs, { said, isSecure: true });
    else converse(socket, knobs, { said, isSecure: false });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    said,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function secured(socket: Socket, { key, cert }: { readonly key: string; readonly cert: string }): TLSSocket {
  const tls = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ key, cert }) });
  return tls.on("error", () => undefined);
}

function converse(
  socket: Socket,
  knobs: MailServerKnobs,
  { said, isSecure, greets = true }: { readonly said: string[]; readonly isSecure: boolean; readonly greets?: boolean },
): void {
  let buffer = "";
  let text: string[] | undefined;
  let loginSteps = 0;
  const send = (line: string): void => void socket.write(`${line}\r\n`);
  const answer = (command: string): void => {
    const [, fixed] = Object.entries(knobs.answers ?? {}).find(([start]) => command.startsWith(start)) ?? [];
    if (fixed !== undefined) return send(fixed);
    if (loginSteps > 0) {
      loginSteps -= 1;
      return send(loginSteps === 0 ? "235 welcome" : "334 UGFzc3dvcmQ6");
    }
    if (command.startsWith("EHLO")) {
      const powers = [
        "mail.test greets",
        ...(knobs.tls !== undefined && !isSecure ? ["STARTTLS"] : []),
        ...(knobs.auth === undefined ? [] : [`AUTH ${knobs.auth}`]),
      ];
      return send(powers.map((power, index) => `250${index === powers.length - 1 ? " " : "-"}${power}`).join("\r\n"));
    }
    if (command === "STARTTLS" && knobs.tls !== undefined) {
      socket.write(`220 go ahead\r\n${knobs.injects ?? ""}`);
      socket.removeAllListeners("data");
      return converse(secured(socket, knobs.tls), knobs, { said, isSecure: true, greets: false });
    }
    if (command.startsWith("AUTH PLAIN")) return send("235 welcome");
    if (command.startsWith("AUTH LOGIN")) {
      loginSteps = 2;
      return send("334 VXNlcm5hbWU6");
    }
    if (command === "DATA") {
      text = [];
      return send("354 go on");
    }
    if (command === "QUIT") return void socket.end("221 bye\r\n");
    return send("250 fine");
  };
  socket.on("data", (chunk: Buffer) => {
    buffer += chunk.toString("utf8");
    for (let at = buffer.indexOf("\r\n"); at >= 0; at = buffer.indexOf("\r\n")) {
      const line = buffer.slice(0, at);
      buffer = buffer.slice(at + 2);
      if (text === undefined) {
        said.push(`${isSecure ? "tls " : ""}${line}`);
        answer(line);
      } else if (line === ".") {
        said.push(text.join("\n"));
        text = undefined;
        send("250 queued as 1");
      } else text.push(line);
    }
  });
  if (greets) send("220 mail.test ESMTP");
}
