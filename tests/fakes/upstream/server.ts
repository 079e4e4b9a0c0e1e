import { createServer, type Server, type Socket } from "node:net";
import { type Json, parseJson } from "../../../src/vocabulary/json.ts";
import { formFields } from "./answers/others.ts";
import { type Behaviour, type Script, type ScriptFunction, scriptPlayer } from "./behaviours.ts";
import { deliver, type Ending } from "./delivery.ts";
import { jsonOf, modelOf, replyTo } from "./replies.ts";
import { type ReceivedRequest, requestReader } from "./wire.ts";

/** A request the fake got, and how it ended. */
export interface Seen {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes. */
  readonly body: Uint8Array;
  readonly text: string;
  /** The body as JSON, or a form's fields but for its files; `undefined` when it is neither. */
  readonly json: Json | undefined;
  readonly model: string;
  /** Milliseconds on `performance.now()`. */
  readonly at: number;
  /** Counts connections from 0: the same number twice is a connection kept alive. */
  readonly connection: number;
  /** Pieces of the answer's body that were sent so far; frames, where nothing else was asked for. */
  pieces: number;
  /** When the client left before the answer was whole, on the same clock; else `undefined`. */
  aborted: number | undefined;
  /** How the fake's side ended; `undefined` while it goes on. */
  ending: Ending | undefined;
  /** Resolves with the ending. */
  readonly settled: Promise<Ending>;
}

export interface FakeUpstream {
  /** `http://127.0.0.1:port`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, oldest first. */
  readonly seen: readonly Seen[];
  /** Connections open now. */
  readonly connections: number;
  /** Plays another script from the next request on. */
  play(script: Script): void;
  /** The request of this number (from 0), as soon as it is here. Rejects after `within` milliseconds (2,000). */
  request(index: number, within?: number): Promise<Seen>;
  /** Forgets what was seen. */
  forget(): void;
  stop(): Promise<void>;
}

export interface FakeOptions {
  /** What the model lists name. */
  readonly models?: readonly string[];
  /** 0: one that is free. */
  readonly port?: number;
}

/**
 * Starts an upstream that speaks every dialect we call, and misbehaves as told.
 * A request may bring its own behaviour: JSON in an `x-fake` header, or a last user text of `fake:{…}`; both win over the script.
 * @example const fake = await startFakeUpstream([failing(503), { answer: { text: "hi" } }]);
 */
export async function startFakeUpstream(script: Script = {}, options: FakeOptions = {}): Promise<FakeUpstream> {
  const state: FakeState = {
    player: scriptPlayer(script),
    models: options.models ?? ["fake-model"],
    seen: [],
    arrived: new Set(),
    sockets: new Set(),
    accepted: 0,
  };
  const server = createServer((socket) => serveConnection(socket, state));
  await listening(server, options.port ?? 0);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get seen() {
      return state.seen;
    },
    get connections() {
      return state.sockets.size;
    },
    play: (next) => {
      state.player = scriptPlayer(next);
    },
    request: (index, within = 2000) => requestArriving(state, index, within),
    forget: () => {
      state.seen = [];
    },
    stop: async () => {
      for (const socket of state.sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface FakeState {
  player: ScriptFunction;
  readonly models: readonly string[];
  seen: Seen[];
  readonly arrived: Set<() => void>;
  readonly sockets: Set<Socket>;
  accepted: number;
}

function serveConnection(socket: Socket, state: FakeState): void {
  const connection = state.accepted++;
  const gone = new AbortController();
  const leave = () => gone.abort();
  let turn: Promise<unknown> = Promise.resolve();
  state.sockets.add(socket);
  socket.setNoDelay(true);
  socket.on("error", leave);
  socket.on("end", leave);
  socket.on("close", () => {
    state.sockets.delete(socket);
    leave();
  });
  const read = requestReader((request) => {
    const seen = remember(request, connection, state);
    const behaviour = ownBehaviour(seen.entry) ?? state.player(seen.entry);
    turn = turn.then(async () => {
      const reply = replyTo({ ...seen.entry, index: seen.index }, behaviour, state.models);
      const wrote = () => void seen.entry.pieces++;
      seen.end(await deliver({ socket, reply, behaviour, gone: gone.signal, wrote }));
    });
  });
  socket.on("data", read);
}

function remember(request: ReceivedRequest, connection: number, state: FakeState): { entry: Seen; index: number; end: (ending: Ending) => void } {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const text = new TextDecoder().decode(request.body);
  const json = jsonOf(request.body) ?? formFields(request.headers["content-type"] ?? "", text);
  const entry: Seen = {
    method: request.method,
    path: request.target,
    headers: request.headers,
    body: request.body,
    text,
    json,
    model: modelOf(request.target, json),
    at: performance.now(),
    connection,
    pieces: 0,
    aborted: undefined,
    ending: undefined,
    settled: promise,
  };
  const index = state.seen.push(entry) - 1;
  for (const wake of [...state.arrived]) wake();
  const end = (ending: Ending) => {
    if (ending === "client-left") entry.aborted = performance.now();
    entry.ending = ending;
    resolve(ending);
  };
  return { entry, index, end };
}

/** A behaviour the request itself brought. */
function ownBehaviour(request: Seen): Behaviour | undefined {
  const header = request.headers["x-fake"];
  if (header !== undefined) return parseJson(header) as Behaviour;
  const mark = /"(fake:(?:[^"\\]|\\.)*)"/.exec(request.text)?.[1];
  if (mark === undefined) return undefined;
  const said = parseJson(`"${mark}"`);
  return typeof said === "string" ? (parseJson(said.slice("fake:".length)) as Behaviour | undefined) : undefined;
}

function requestArriving(state: FakeState, index: number, within: number): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = state.seen[index];
      if (!found) return;
      clearTimeout(timer);
      state.arrived.delete(look);
      resolve(found);
    };
    const timer = setTimeout(() => {
      state.arrived.delete(look);
      reject(new Error(`Request ${index} did not reach the fake within ${within} ms; it saw ${state.seen.length}.`));
    }, within);
    state.arrived.add(look);
    look();
  });
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

/** An address on this machine where nothing listens: connecting is refused. */
export async function refusingAddress(): Promise<string> {
  const fake = await startFakeUpstream();
  await fake.stop();
  return fake.url;
}
