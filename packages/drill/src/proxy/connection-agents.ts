// Each connection of a client has one of its own to the program, so that what the program does to its connection the client sees: a
// pool in between would hide idle connections that the program closes.
import { Agent } from "node:http";
import type { Socket } from "node:net";
import type { HeldConnections } from "./held-connections.ts";

/** As many as there are connections of clients. */
export interface ConnectionAgents {
  of(client: Socket): Agent;
}

/** None yet. A client whose request is held in silence does not see that the program closes what it no longer uses. */
export function createConnectionAgents(held: Pick<HeldConnections, "has">): ConnectionAgents {
  const agents = new WeakMap<Socket, Agent>();
  return {
    of(client) {
      const known = agents.get(client);
      if (known) return known;
      const watched = new WeakSet<Socket>();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      agent.on("free", (socket: Socket) => {
        if (watched.has(socket)) return;
        watched.add(socket);
        socket.once("close", () => {
          if (!held.has(client)) client.end();
        });
      });
      agents.set(client, agent);
      client.once("close", () => agent.destroy());
      return agent;
    },
  };
}
