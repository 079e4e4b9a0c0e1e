/**
 * Writes GGUF, the file format of llama.cpp's models, version 3, as its specification has it (docs/gguf.md of ggml-org/ggml): a header, the
 * metadata, a row for each tensor, and after padding the tensors' numbers. Little-endian all through; only what a small model needs is here.
 */
export type MetadataValue =
  | { readonly type: "uint32"; readonly value: number }
  | { readonly type: "float32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "float32s"; readonly value: readonly number[] }
  | { readonly type: "int32s"; readonly value: readonly number[] };

/** 32-bit numbers under a name. `shape` is the format's: the length of a row first. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly numbers: Float32Array;
}

/** `gguf_metadata_value_type`. */
const TYPES = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 };
/** `ggml_type`. */
const F32 = 0;
/** `general.alignment` where the metadata has none. */
const ALIGNMENT = 32;

/** The bytes of a model's file: the same metadata and tensors give the same bytes. */
export function writeGguf(metadata: Readonly<Record<string, MetadataValue>>, tensors: readonly Tensor[]): Buffer {
  const entries = Object.entries(metadata);
  const header = [Buffer.from("GGUF"), uint32(3), uint64(tensors.length), uint64(entries.length)];
  const pairs = entries.flatMap(([key, value]) => [text(key), written(value)]);
  let offset = 0;
  const rows: Buffer[] = [];
  const numbers: Buffer[] = [];
  for (const { name, shape, numbers: own } of tensors) {
    rows.push(text(name), uint32(shape.length), ...shape.map(uint64), uint32(F32), uint64(offset));
    const bytes = padded(Buffer.concat([...own].map(float32)));
    numbers.push(bytes);
    offset += bytes.length;
  }
  return Buffer.concat([padded(Buffer.concat([...header, ...pairs, ...rows])), ...numbers]);
}

function written(one: MetadataValue): Buffer {
  switch (one.type) {
    case "uint32":
      return Buffer.concat([uint32(TYPES.uint32), uint32(one.value)]);
    case "float32":
      return Buffer.concat([uint32(TYPES.float32), float32(one.value)]);
    case "bool":
      return Buffer.concat([uint32(TYPES.bool), Buffer.of(one.value ? 1 : 0)]);
    case "string":
      return Buffer.concat([uint32(TYPES.string), text(one.value)]);
    case "strings":
      return arrayOf(TYPES.string, one.value.map(text));
    case "float32s":
      return arrayOf(TYPES.float32, one.value.map(float32));
    case "int32s":
      return arrayOf(TYPES.int32, one.value.map(uint32));
    default:
      return one satisfies never;
  }
}

const arrayOf = (type: number, items: readonly Buffer[]) => Buffer.concat([uint32(TYPES.array), uint32(type), uint64(items.length), ...items]);
const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT)]);

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
