import { type Json, listOf, numberOf, objectOf, stringOf } from "../../../vocabulary/json.ts";

/** A container as Docker shows it. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: "created" | "running" | "exited";
  /** While it runs. */
  readonly pid?: number;
  /** Once it has exited. */
  readonly exit?: { readonly code?: number; readonly outOfMemory: boolean; readonly at: string };
  /** Host ports by container port, `8000/tcp`: while it runs. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Reads the answer to `GET /containers/{id}/json`, Docker's or Podman's. */
export function readContainer(json: Json | undefined): Container {
  const { Id, Name, Config, State, NetworkSettings } = objectOf(json);
  const state = objectOf(State);
  const status = statusOf(stringOf(state["Status"]));
  return {
    id: stringOf(Id) ?? "",
    name: (stringOf(Name) ?? "").replace(/^\//, ""),
    labels: textsOf(objectOf(Config)["Labels"]),
    status,
    ...(status === "running" && { pid: numberOf(state["Pid"]) || undefined }),
    ...(status === "exited" && {
      exit: { code: numberOf(state["ExitCode"]), outOfMemory: state["OOMKilled"] === true, at: stringOf(state["FinishedAt"]) ?? "" },
    }),
    ports: portsOf(objectOf(NetworkSettings)["Ports"]),
  };
}

function statusOf(status: string | undefined): Container["status"] {
  switch (status) {
    case "created":
    // Podman's.
    case "configured":
    case "initialized":
      return "created";
    case "running":
    case "paused":
    case "restarting":
    case "stopping":
      return "running";
    default:
      return "exited";
  }
}

function textsOf(value: Json | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(objectOf(value)).flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])));
}

function portsOf(value: Json | undefined): Record<string, number> {
  return Object.fromEntries(
    Object.entries(objectOf(value)).flatMap(([inside, bindings]) => {
      const port = listOf(bindings)
        .map((binding) => Number(objectOf(binding)["HostPort"]))
        .find((number) => number > 0);
      return port === undefined ? [] : [[inside, port]];
    }),
  );
}
