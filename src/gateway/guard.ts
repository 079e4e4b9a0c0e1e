import { type Caller, hasRole, type Role } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Change, Exchange, Handle, Reply, Route } from "./visit/exchange.ts";

/** What stands at the entrance of all routes. */
export interface Gate {
  /** Who is asking. Throws `invalid-key`. */
  callerOf(exchange: Exchange): Caller | Promise<Caller>;
  /** Does it come from a network whose word is enough? */
  trusts(exchange: Exchange): boolean;
  /** Writes down what management has done; it is kept when this settles. */
  audit(deed: Deed): Promise<void>;
}

/** Something that management has done. */
export interface Deed {
  readonly action: string;
  readonly caller: Caller;
  readonly change?: Change;
  readonly exchange: Exchange;
}

/**
 * The routes behind a gate: the one place where what a route says of whom it admits is obeyed, before it is called, and where what it says it
 * does is written down, once it has. Throws `invalid-key`; `permission-denied` for what is management, and `not-found` for what calls models,
 * as some clients try again when they are forbidden.
 */
export function guarded(routes: readonly Route[], gate: Gate): Route[] {
  return routes.map((route) => (route.admits === "anyone" ? route : { ...route, handle: behind(gate, route) }));
}

function behind(gate: Gate, { admits, handle, action, face }: Route): Handle {
  const dialect = face?.name ?? "";
  const least: Role = admits === "trusted" || admits === "anyone" ? "operator" : admits;
  const enter = (exchange: Exchange, caller: Caller): Promise<Reply> | Reply => {
    exchange.visit.caller = caller;
    if (!hasRole(caller, least)) throw tooLow(caller, least);
    return action === undefined ? handle(exchange) : recorded(exchange, caller, action);
  };
  const recorded = async (exchange: Exchange, caller: Caller, done: string): Promise<Reply> => {
    const reply = await handle(exchange);
    try {
      await gate.audit({ action: done, caller, change: reply.change, exchange });
    } catch (cause) {
      throw new Failure("internal", "It is done, but could not be written in the audit log.", { cause });
    }
    return reply;
  };
  return (exchange) => {
    exchange.visit.dialect = dialect;
    if (admits === "trusted" && gate.trusts(exchange)) return handle(exchange);
    const caller = gate.callerOf(exchange);
    return caller instanceof Promise ? caller.then((known) => enter(exchange, known)) : enter(exchange, caller);
  };
}

/** Whoever the guard let in. */
export function actor({ visit }: Exchange): Caller {
  if (visit.caller === undefined) throw new Error("nobody was asked who they are");
  return visit.caller;
}

function tooLow({ role }: Caller, least: Role): Failure {
  const words = `This needs the role ${least}; this key or its user is ${role}.`;
  return least === "member"
    ? new Failure("not-found", `There is nothing here for this key: it may look, and call no model. ${words}`)
    : new Failure("permission-denied", words);
}
