import { rmSync } from "node:fs";
import type { FormCap, FormField, FormFile, SpooledForm } from "../../gateway/visit/exchange.ts";
import type { Visit } from "../../gateway/visit/visit.ts";
import type { ReplayableBody } from "../../upstream/client.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { type BodyLimits, type Budget, departed, refuseEncoded, Share } from "../body.ts";
import { boundaryOf, FormScanner, formType, type ScannedForm } from "./scan.ts";
import { SpooledFile } from "./spooled-file.ts";

/** Reads forms onto the disk within the limits. */
export interface Spool {
  /** The form, which is on the disk until the visit is settled; within a cap of its own where it has one. */
  read(request: Request, visit: Pick<Visit, "id" | "owes" | "clientsTurn">, cap?: FormCap): Promise<SpooledForm>;
}

/** The fields we read, whose parts are told from the others. */
const WANTED: ReadonlySet<string> = new Set<FormField>(["model", "stream", "purpose", "expires_after[anchor]", "expires_after[seconds]"]);

/**
 * A spool in this folder, which belongs to it: what stood in it at the start, should a process have ended between opening a file and
 * taking its name away, is removed. Bytes on the disk have a budget of their own, as large as that of bodies in memory.
 */
export function openSpool(folder: string, limits: () => BodyLimits): Spool {
  rmSync(folder, { recursive: true, force: true });
  const budget: Budget = { taken: 0 };
  return {
    async read(request, visit, cap) {
      refuseEncoded(request);
      const boundary = boundaryOf(request.headers.get("content-type") ?? "");
      const { each, all } = limits();
      const share = new Share(cap === undefined ? { each, all } : { each: cap.bytes, all: Math.max(all, cap.bytes), setting: cap.setting }, budget);
      visit.owes(() => share.giveBack());
      const declared = request.headers.get("content-length");
      if (declared !== null) share.grow(Number(declared));
      const file = await SpooledFile.open(folder, visit.id);
      visit.owes(() => file.release());
      visit.clientsTurn = true;
      const scanner = new FormScanner(boundary, WANTED);
      await receive(request, file, scanner, share);
      visit.clientsTurn = false;
      return formOn(file, scanner.end(), boundary);
    },
  };
}

async function receive({ body }: Request, file: SpooledFile, scanner: FormScanner, share: Share): Promise<void> {
  if (body === null) return;
  try {
    for await (const chunk of body) {
      if (file.size + chunk.length > share.size) share.grow(file.size + chunk.length);
      scanner.feed(chunk);
      await file.append(chunk);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    departed(error);
  }
}

/** Bytes to put in the place of others. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

function formOn(file: SpooledFile, { fields, files, start }: ScannedForm, boundary: string): SpooledForm {
  const models = fields.filter(({ name }) => name === "model");
  return {
    contentType: formType(boundary),
    size: file.size,
    field: (name) => fields.findLast((field) => field.name === name)?.value,
    file(wanted): FormFile | undefined {
      const [found, ...others] = files.filter(({ name }) => name === wanted);
      if (others.length > 0) throw invalidRequest(wanted, `The form has several files called ${wanted}. Send one.`);
      return found && { filename: found.filename, chunks: () => file.read(found.start, found.end) };
    },
    withModel(model) {
      const splices = models.map((field): Splice => ({ start: field.start, end: field.end, bytes: Buffer.from(model) }));
      if (splices.length === 0) splices.push({ start, end: start, bytes: modelPart(model, boundary) });
      return spliced(file, splices);
    },
  };
}

/** A part that names the model, for a form without one. */
function modelPart(model: string, boundary: string): Buffer {
  return Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n`);
}

/** The file's bytes with some in the place of others. */
function spliced(file: SpooledFile, splices: readonly Splice[]): ReplayableBody {
  return {
    size: splices.reduce((size, { start, end, bytes }) => size - (end - start) + bytes.length, file.size),
    async *chunks() {
      let at = 0;
      for (const { start, end, bytes } of splices) {
        yield* file.read(at, start);
        if (bytes.length > 0) yield bytes;
        at = end;
      }
      yield* file.read(at, file.size);
    },
  };
}
