import type { Path, Tell } from "../file/problem.ts";
import type { EngineSettings, FleetSettings } from "../schema/schema.ts";

/** Where in the config an engine stands, and who runs it. */
interface Place {
  readonly path: Path;
  readonly driver: FleetSettings["driver"];
}

/** Tells of engines that could never run as they are described. `note`: of those whose memory is not counted. */
export function checkEngines(fleet: FleetSettings, tell: Tell, note: Tell): void {
  for (const [name, engine] of Object.entries(fleet.engines)) {
    const place: Place = { path: ["fleet", "engines", name], driver: engine.driver ?? fleet.driver };
    checkWay(engine, place, tell);
    checkArguments(engine, place, tell);
    // Whoever runs a static engine has found it a place already.
    if (place.driver === "static") continue;
    checkCards(engine, place, fleet, tell);
    noteMemory(engine, place, note);
  }
}

/** Does its driver know how it is run, or where it is? */
function checkWay({ url, command }: EngineSettings, { path, driver }: Place, tell: Tell): void {
  if (driver === "static" && url === undefined)
    tell(path, "runs already, and has no url.", "Give it url: where it is called, such as http://10.0.0.5:8000/v1.");
  if (driver === "process" && (command === undefined || command.length === 0))
    tell(path, "is to be run as a process, and has no command.", 'Give it command, such as [vllm, serve, "{model}"].');
}

/** By these it is found, and known for the one that was started. */
const OURS = ["--served-model-name", "--host", "--port"];

function checkArguments({ kind = "vllm", args }: EngineSettings, { path, driver }: Place, tell: Tell): void {
  if (kind !== "vllm" || (driver !== "docker" && driver !== "process")) return;
  for (const [index, word] of args.entries()) {
    const flag = (word.split("=")[0] ?? "").replaceAll("_", "-");
    if (OURS.includes(flag)) tell([...path, "args", index], `${flag} is given by Signalbox, which would not find the engine with another.`, "Remove it.");
  }
}

function checkCards({ gpus: wanted, vram = 0 }: EngineSettings, { path }: Place, fleet: FleetSettings, tell: Tell): void {
  for (const [index, id] of wanted.entries()) {
    const cards = cardsBeside(id, fleet);
    if (cards === undefined) continue;
    const card = cards.gpus.find((gpu) => gpu.id === id);
    if (card === undefined)
      tell(
        [...path, "gpus", index],
        `there is no GPU ${id}.`,
        cards.gpus.length === 0 ? `Add it to ${cards.at}.` : `${cards.at} has ${cards.gpus.map((gpu) => gpu.id).join(", ")}.`,
      );
    else if (vram > card.memory)
      tell(
        [...path, "vram"],
        `${gibibytes(vram)} is more than GPU ${id} has: ${gibibytes(card.memory)}.`,
        "Give it less, or a larger GPU; split it with another one.",
      );
  }
}

/** The GPUs of the machine that one is of, and where the config lists them. Undefined: nobody knows them before the start, or the machine. */
function cardsBeside(id: string, { gpus, nodes }: FleetSettings) {
  if (!id.includes("/")) return gpus === "auto" ? undefined : { at: "fleet.gpus", gpus };
  const node = nodes.find(({ name }) => id.startsWith(`${name}/`));
  return node && { at: `the node ${node.name}`, gpus: node.gpus.map((gpu) => ({ ...gpu, id: `${node.name}/${gpu.id}` })) };
}

function noteMemory({ gpus, vram }: EngineSettings, { path }: Place, note: Tell): void {
  if (gpus.length === 0 && vram !== undefined)
    note([...path, "vram"], "is counted nowhere: this engine has no gpus.", "Give it gpus, such as [0], or leave out vram.");
  if (gpus.length > 0 && vram === undefined)
    note([...path, "gpus"], "how much of their memory it takes is not known, and not counted: others may be started beside it.", "Give it vram.");
}

const gibibytes = (bytes: number) => `${Number((bytes / 2 ** 30).toFixed(2))} GiB`;
