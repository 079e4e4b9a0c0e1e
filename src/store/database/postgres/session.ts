import { Client, type QueryResult } from "pg";
import { StoreTrouble } from "../../trouble.ts";
import type { PostgresAddress } from "./postgres-address.ts";
import { whyNotConnected } from "./refusal.ts";
import { sent, VALUE_TYPES } from "./values.ts";

/** One connection, and one question at a time. */
export interface Session {
  /** Asks. Rejects with `StoreTrouble` past the deadline, and the session is of no use then; with the client's own error otherwise. */
  ask(text: string, parameters: readonly unknown[], deadline: number): Promise<QueryResult>;
  /** Is it of use? */
  stands(): boolean;
  /** Called once when it ends by itself. */
  ended(listener: () => void): void;
  /** Ends it at once, whatever it is doing. */
  end(): void;
}

/** Connects within so many milliseconds: TCP, TLS and the password. Rejects with `StoreTrouble`. */
export async function connectTo(address: PostgresAddress, within: number): Promise<Session> {
  const { host, port, user, password, database, applicationName, ssl } = address;
  const client = new Client({ host, port, user, password, database, ssl, application_name: applicationName, types: VALUE_TYPES, keepAlive: true });
  let broken = false;
  let ended: (() => void) | undefined;
  const breakDown = () => {
    if (broken) return;
    broken = true;
    ended?.();
  };
  // What fails while a question is open is that question's error too.
  client.on("error", breakDown);
  client.on("end", breakDown);
  const end = () => {
    broken = true;
    ended = undefined;
    client.connection.stream.destroy();
  };
  try {
    await withinTime(client.connect(), within, () => new StoreTrouble(`PostgreSQL at ${address.shown} did not answer within ${within} ms.`, undefined, "away"));
  } catch (error) {
    end();
    throw whyNotConnected(address, error);
  }
  return {
    async ask(text, parameters, deadline) {
      if (broken) throw new StoreTrouble(`The connection to PostgreSQL at ${address.shown} has ended.`, undefined, "away");
      const answer = client.query(text, sent(parameters));
      try {
        return await withinTime(answer, deadline, () => {
          breakDown();
          return new StoreTrouble(`PostgreSQL at ${address.shown} did not answer within ${deadline} ms.`, undefined, "away");
        });
      } catch (error) {
        if (error instanceof StoreTrouble) end();
        throw error;
      }
    },
    stands: () => !broken,
    ended: (listener) => {
      ended = listener;
    },
    end,
  };
}

/** The work's own end, or past the time what `late` gives. */
function withinTime<Result>(work: Promise<Result>, milliseconds: number, late: () => Error): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
