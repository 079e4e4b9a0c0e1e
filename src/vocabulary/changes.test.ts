import { expect, test } from "bun:test";
import { withChanges } from "./changes.ts";

interface Row {
  readonly id: string;
  readonly name?: string;
  readonly size?: number;
}

test.each<[string, Parameters<typeof withChanges<Row>>[1], Row]>([
  ["nothing", {}, { id: "a", name: "n" }],
  ["what is undefined stays", { name: undefined }, { id: "a", name: "n" }],
  ["what is null goes", { name: null }, { id: "a", name: undefined }],
  ["what is given is taken", { name: "new", size: 0 }, { id: "a", name: "new", size: 0 }],
])("%s", (_name, changes, expected) => {
  expect(withChanges<Row>({ id: "a", name: "n" }, changes)).toEqual(expected);
});
