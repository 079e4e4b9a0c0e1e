import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { toolBook } from "./tool-book.ts";

const fn = (name: string): JsonObject => ({ type: "function", name });
const ns = (name: string, ...tools: JsonObject[]): JsonObject => ({ type: "namespace", name, tools });
const namesOf = (json: JsonObject) => Array.from(toolBook(json).named, ([name, tool]) => [name, tool.namespace, tool.name, tool.path]);

describe("names upstream", () => {
  test("a tool keeps its name, one in a namespace gets both", () => {
    expect(namesOf({ tools: [fn("look"), ns("web", fn("look"), { type: "custom", name: "type" })] })).toEqual([
      ["look", undefined, "look", "tools[0]"],
      ["web__look", "web", "look", "tools[1].tools[0]"],
      ["web__type", "web", "type", "tools[1].tools[1]"],
    ]);
  });

  test("items of the input bring tools along, and the last word on a tool counts", () => {
    const json = {
      tools: [fn("look")],
      input: [
        { type: "additional_tools", role: "developer", tools: [ns("web", fn("go"))] },
        { type: "tool_search_output", tools: [fn("look")] },
        { type: "message", tools: [fn("no")] },
      ],
    };
    expect(namesOf(json)).toEqual([
      ["look", undefined, "look", "input[1].tools[0]"],
      ["web__go", "web", "go", "input[0].tools[0].tools[0]"],
    ]);
  });

  test("no two share a name, none is longer than 64 characters, none has odd ones, and each is the same every time", () => {
    const long = "x".repeat(70);
    const json = { tools: [ns("a", fn("b__c"), fn("d.e"), fn(long)), ns("a__b", fn("c")), fn("a__d_e"), fn(long), fn("a__b__c")] };
    const book = toolBook(json);
    expect(book.named.size).toBe(7);
    for (const [name, tool] of book.named) {
      expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(book.nameOf(tool.name, tool.namespace)).toBe(name);
    }
    // A name of its own is kept; those made from two make way.
    expect(book.nameOf("a__b__c")).toBe("a__b__c");
    expect(toolBook(json).nameOf("c", "a__b")).toBe(book.nameOf("c", "a__b"));
    expect(book.nameOf("c", "a__b")).not.toBe(book.nameOf("b__c", "a"));
  });

  test("a tool that is not listed any more is called as it would be", () => {
    expect([toolBook({}).nameOf("look"), toolBook({}).nameOf("look", "web")]).toEqual(["look", "web__look"]);
    expect(toolBook({ tools: [ns("web", fn("l.k"))] }).nameOf("l.k", "web")).toBe(toolBook({}).nameOf("l.k", "web"));
  });

  test("names that mean something to JavaScript mean nothing here", () => {
    const book = toolBook({ tools: [fn("__proto__"), fn("constructor")] });
    expect([book.nameOf("__proto__"), book.named.get("toString")]).toEqual(["__proto__", undefined]);
  });
});

test("what is no function is set aside, with its place", () => {
  const { named, others } = toolBook({ tools: [{ type: "web_search" }, 5, ns("a", { type: "mcp" }, ns("b", fn("c")))] });
  expect(named.size).toBe(0);
  expect(others.map(({ path, json }) => [path, json["type"]])).toEqual([
    ["tools[0]", "web_search"],
    ["tools[1]", undefined],
    ["tools[2].tools[0]", "mcp"],
    ["tools[2].tools[1]", "namespace"],
  ]);
});

test("ten thousand tools of one namespace cost no more than each for itself", () => {
  const tools = Array.from({ length: 10_000 }, (_, index) => fn(`odd.${index}`));
  expect(toolBook({ tools: [ns("a", ...tools)] }).named.size).toBe(10_000);
});
