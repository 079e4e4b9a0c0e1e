import type { FileDesk } from "../../batches/files/file-desk.ts";
import { asFailure, Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { admit } from "../admit.ts";
import { ownerOf } from "../responses/serve-responses.ts";
import type { Signalbox } from "../signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "../visit/exchange.ts";
import { answerHeaders } from "../visit/replies.ts";
import { failed, type Visit } from "../visit/visit.ts";
import { readLifetime, readLimit } from "./reading.ts";
import { shownFile, shownPage } from "./shown.ts";

/** What a client may say a file is for: all are kept, and what is for batches is read. */
const PURPOSES: readonly string[] = ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"];
/** What a form has besides its file. Bytes. */
const FORM = 64 * 1024;
const LONGEST_NAME = 255;

/** `POST /v1/files`. */
export async function serveUpload(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { files, owner } = await enter(exchange, box);
  if (!/^\s*multipart\/form-data\b/i.test(exchange.headers.get("content-type") ?? ""))
    throw invalidRequest("", "A file comes as multipart/form-data, with the fields purpose and file.");
  const form = await exchange.form({ bytes: files.mostBytes() + FORM, setting: "batches.max_file_mb" });
  const purpose = form.field("purpose");
  if (purpose === undefined) throw invalidRequest("purpose", "purpose is missing: batch, for a file of requests.");
  if (!PURPOSES.includes(purpose)) throw invalidRequest("purpose", `purpose must be one of ${PURPOSES.join(", ")}.`);
  const lifetime = readLifetime(form.field("expires_after[anchor]"), form.field("expires_after[seconds]"), "expires_after");
  const file = form.file("file");
  if (file === undefined) throw invalidRequest("file", "There is no file in the form. Send one as its field file.");
  const filename = file.filename === "" ? "file" : file.filename.slice(0, LONGEST_NAME);
  const kept = await files.keep({ owner, purpose, filename, lifetime }, file.chunks());
  return done(exchange, shownFile(kept));
}

/** `GET /v1/files`. */
export async function serveFiles(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { files, owner } = await enter(exchange, box);
  const query = new URLSearchParams(exchange.search);
  const limit = readLimit(query, { usual: 10_000, most: 10_000 });
  const order = query.get("order") === "asc" ? "asc" : "desc";
  const listed = await files.list({ owner, limit, order, purpose: query.get("purpose") ?? undefined, after: query.get("after") ?? undefined });
  return done(exchange, shownPage(listed.files.map(shownFile), listed.more));
}

/** `GET /v1/files/{id}` and `/v1/files/{id}/content`. */
export async function serveFile(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const [id = "", part] = exchange.rest.split("/");
  if (part !== undefined && part !== "content") throw new Failure("not-found", `There is no /v1/files/{id}/${part} here.`);
  const { files, owner } = await enter(exchange, box);
  const file = await files.find(id, owner);
  if (part === undefined) return done(exchange, shownFile(file));
  const headers = { ...answerHeaders(exchange.visit), "content-type": "application/octet-stream" };
  return { status: 200, headers, body: contentOf(id, files, exchange.visit) };
}

/** `DELETE /v1/files/{id}`. */
export async function serveFileRemoval(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { files, owner } = await enter(exchange, box);
  await files.remove(exchange.rest, owner);
  return done(exchange, { id: exchange.rest, object: "file", deleted: true });
}

/** The bytes of a file, no faster than they are taken. A file that cannot be read to its end is cut off: half of one must not look whole. */
async function* contentOf(id: string, files: FileDesk, visit: Visit): AsyncGenerator<Uint8Array> {
  visit.onCallOff((reason) => visit.settle(failed(reason, 200)));
  try {
    for await (const piece of files.content(id)) {
      visit.clientsTurn = true;
      yield piece;
      visit.clientsTurn = false;
    }
    visit.settle({ status: 200, outcome: "ok" });
  } catch (thrown) {
    visit.settle(failed(asFailure(thrown), 200));
    throw thrown;
  } finally {
    // Not settled by now: nobody takes the rest.
    if (!visit.settled) visit.depart();
  }
}

async function enter(exchange: Exchange, box: Signalbox): Promise<{ files: FileDesk; owner: string }> {
  const caller = await admit(exchange, box);
  if (box.files === undefined) throw new Failure("not-found", "Files are not kept here. Its operator can turn it on: batches.enabled.");
  return { files: box.files, owner: ownerOf(caller) };
}

function done(exchange: Exchange, body: object): Reply {
  return jsonReply(body, 200, answerHeaders(exchange.visit));
}
