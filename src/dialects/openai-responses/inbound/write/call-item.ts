import type { JsonObject } from "../../../../vocabulary/json.ts";
import { unwrapInput } from "../read/tools.ts";
import type { NamedTool } from "../tool-book.ts";
import type { ItemStatus, OpenItem, Tell } from "./items.ts";
import { JsonProgress } from "./json-progress.ts";

/** A call of one of the client's tools, in the client's own words for it: a function, one in a namespace, or a custom tool. */
export class CallItem implements OpenItem {
  readonly #callId: string;
  readonly #tool: Pick<NamedTool, "kind" | "name" | "namespace">;
  readonly #progress = new JsonProgress();
  #id = "";
  #tell: Tell | undefined;
  #text = "";
  #closed = false;

  constructor(callId: string, tool: Pick<NamedTool, "kind" | "name" | "namespace">) {
    this.#callId = callId;
    this.#tool = tool;
  }

  get prefix(): string {
    return this.#isCustom ? "ctc" : "fc";
  }

  /** Are all of its arguments here? */
  get whole(): boolean {
    return this.#progress.whole;
  }

  open(id: string, tell: Tell): JsonObject {
    this.#id = id;
    this.#tell = tell;
    return this.#item("in_progress", "");
  }

  /** More of the arguments. Whatever follows those that were whole is none of them. */
  hear(text: string): void {
    if (this.#closed) return;
    this.#text += text;
    this.#progress.hear(text);
    this.#pass(text);
  }

  /** Tells all that was heard before it was opened. */
  catchUp(): void {
    if (this.#text !== "") this.#pass(this.#text);
  }

  close(status: ItemStatus): JsonObject {
    const item = this.#ended(status);
    this.#closed = true;
    return item;
  }

  soFar(): JsonObject {
    return this.#item("incomplete", this.#isCustom ? unwrapInput(this.#text) : this.#text);
  }

  get #isCustom(): boolean {
    return this.#tool.kind === "custom";
  }

  #ended(status: ItemStatus): JsonObject {
    if (this.#isCustom) {
      const input = unwrapInput(this.#text);
      if (input !== "") this.#tell?.("response.custom_tool_call_input.delta", { delta: input });
      this.#tell?.("response.custom_tool_call_input.done", { input });
      return this.#item(status, input);
    }
    // A call without a word of arguments is one of a tool that takes none.
    if (this.#text.trim() === "" && status === "completed") this.hear("{}");
    this.#tell?.("response.function_call_arguments.done", { name: this.#tool.name, arguments: this.#text });
    return this.#item(status, this.#text);
  }

  /** A custom tool's input is inside of JSON: it is told once that is whole. */
  #pass(text: string): void {
    if (!this.#isCustom) this.#tell?.("response.function_call_arguments.delta", { delta: text });
  }

  #item(status: string, text: string): JsonObject {
    const { name, namespace } = this.#tool;
    return {
      type: this.#isCustom ? "custom_tool_call" : "function_call",
      id: this.#id,
      call_id: this.#callId,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(this.#isCustom ? { input: text } : { arguments: text }),
      status,
    };
  }
}
