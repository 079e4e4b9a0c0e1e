import type { JsonObject } from "../../../../vocabulary/json.ts";

/** A tool Anthropic describes and the client runs, as the function it is to any other model. */
interface ClientTool {
  readonly type: RegExp;
  readonly description: string;
  readonly parameters: JsonObject;
}

const path = { type: "string", description: "Path of the file or directory." };
const range = { type: "array", items: { type: "integer" }, description: "First and last line to view; -1 is the end of the file." };
const edits = {
  file_text: { type: "string", description: "With create: the whole content of the file." },
  old_str: { type: "string", description: "With str_replace: the text to replace, which must occur exactly once." },
  new_str: { type: "string", description: "With str_replace: the text to put in its place." },
  insert_line: { type: "integer", description: "With insert: the line after which to insert; 0 is the beginning of the file." },
  insert_text: { type: "string", description: "With insert: the text to insert." },
};

/** What their pages say of them: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview#client-tools */
const CLIENT_TOOLS: readonly ClientTool[] = [
  {
    type: /^bash_\d+$/,
    description: "Runs a command in a bash session that stays open between calls, and returns what it writes.",
    parameters: {
      type: "object",
      properties: {
        command: { type: "string", description: "The command to run; not needed with restart." },
        restart: { type: "boolean", description: "true to start the session anew." },
      },
    },
  },
  {
    type: /^text_editor_\d+$/,
    description: "Views and edits text files.",
    parameters: {
      type: "object",
      properties: { command: { type: "string", enum: ["view", "create", "str_replace", "insert"] }, path, view_range: range, ...edits },
      required: ["command", "path"],
    },
  },
  {
    type: /^memory_\d+$/,
    description: "Keeps notes in files below /memories that outlive the conversation. Look there first for what is known already.",
    parameters: {
      type: "object",
      properties: {
        command: { type: "string", enum: ["view", "create", "str_replace", "insert", "delete", "rename"] },
        path,
        view_range: range,
        ...edits,
        old_path: { type: "string", description: "With rename: the path now." },
        new_path: { type: "string", description: "With rename: the path from now on." },
      },
      required: ["command"],
    },
  },
];

/** The tool of this type, when it is one that clients run; `undefined` for those that Anthropic runs itself, or that only Claude was taught. */
export function clientTool(type: string): ClientTool | undefined {
  return CLIENT_TOOLS.find((tool) => tool.type.test(type));
}
