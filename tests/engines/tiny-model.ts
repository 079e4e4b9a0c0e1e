import { seeded } from "../../src/vocabulary/seeded.fixture.ts";
import { type MetadataValue, type Tensor, writeGguf } from "./gguf.ts";

/** Of Llama's architecture, and small: half a megabyte, thousands of tokens a second on one core. */
const LAYERS = 2;
const WIDTH = 64;
const HEADS = 4;
const FEED_FORWARD = 128;
/** Tokens of prompt and answer together. */
export const TINY_CONTEXT = 512;

/** `llama_token_type`. */
const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;

interface Token {
  readonly text: string;
  readonly type: number;
  /** Whether the model may ever say it. */
  readonly said: boolean;
}

/**
 * One token a byte, as SentencePiece falls back to where it knows no word, and one for the blank. Only what can be printed is ever said: an answer
 * is text, and ends only where it is told to or the context is full.
 */
const TOKENS: readonly Token[] = [
  { text: "<unk>", type: UNKNOWN, said: false },
  { text: "<s>", type: CONTROL, said: false },
  { text: "</s>", type: CONTROL, said: false },
  ...Array.from({ length: 256 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
    type: BYTE,
    said: byte > 0x20 && byte < 0x7f,
  })),
  { text: "▁", type: NORMAL, said: true },
];

const TEMPLATE = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";

/** A model in GGUF with random weights, the same ones for the same seed: it says nonsense, quickly. */
export function tinyModel(seed: number): Buffer {
  const random = seeded(seed);
  const matrix = (name: string, inputs: number, outputs: number): Tensor => {
    // So wide that what comes out is as large as what went in.
    const spread = Math.sqrt(3 / inputs);
    return { name, shape: [inputs, outputs], numbers: Float32Array.from({ length: inputs * outputs }, () => (random() * 2 - 1) * spread) };
  };
  const norm = (name: string): Tensor => ({ name, shape: [WIDTH], numbers: new Float32Array(WIDTH).fill(1) });
  const layer = (index: number): Tensor[] => [
    norm(`blk.${index}.attn_norm.weight`),
    matrix(`blk.${index}.attn_q.weight`, WIDTH, WIDTH),
    matrix(`blk.${index}.attn_k.weight`, WIDTH, WIDTH),
    matrix(`blk.${index}.attn_v.weight`, WIDTH, WIDTH),
    matrix(`blk.${index}.attn_output.weight`, WIDTH, WIDTH),
    norm(`blk.${index}.ffn_norm.weight`),
    matrix(`blk.${index}.ffn_gate.weight`, WIDTH, FEED_FORWARD),
    matrix(`blk.${index}.ffn_up.weight`, WIDTH, FEED_FORWARD),
    matrix(`blk.${index}.ffn_down.weight`, FEED_FORWARD, WIDTH),
  ];
  return writeGguf(METADATA, [
    matrix("token_embd.weight", WIDTH, TOKENS.length),
    ...Array.from({ length: LAYERS }, (_, index) => layer(index)).flat(),
    norm("output_norm.weight"),
    spoken(matrix("output.weight", WIDTH, TOKENS.length)),
  ]);
}

/** What it may not say gets no likelihood, the rest a clear one. */
function spoken(output: Tensor): Tensor {
  return { ...output, numbers: output.numbers.map((weight, index) => (TOKENS[Math.floor(index / WIDTH)]?.said ? weight * 4 : 0)) };
}

const uint32 = (value: number): MetadataValue => ({ type: "uint32", value });
const string = (value: string): MetadataValue => ({ type: "string", value });

/** Keys as the specification of GGUF lists them for Llama and its tokenizer. */
const METADATA: Readonly<Record<string, MetadataValue>> = {
  "general.architecture": string("llama"),
  "general.name": string("tiny"),
  "llama.context_length": uint32(TINY_CONTEXT),
  "llama.embedding_length": uint32(WIDTH),
  "llama.block_count": uint32(LAYERS),
  "llama.feed_forward_length": uint32(FEED_FORWARD),
  "llama.rope.dimension_count": uint32(WIDTH / HEADS),
  "llama.attention.head_count": uint32(HEADS),
  "llama.attention.head_count_kv": uint32(HEADS),
  "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: 1e-5 },
  "tokenizer.ggml.model": string("llama"),
  "tokenizer.ggml.tokens": { type: "strings", value: TOKENS.map(({ text }) => text) },
  "tokenizer.ggml.scores": { type: "float32s", value: TOKENS.map(() => 0) },
  "tokenizer.ggml.token_type": { type: "int32s", value: TOKENS.map(({ type }) => type) },
  "tokenizer.ggml.unknown_token_id": uint32(0),
  "tokenizer.ggml.bos_token_id": uint32(1),
  "tokenizer.ggml.eos_token_id": uint32(2),
  "tokenizer.ggml.add_space_prefix": { type: "bool", value: false },
  "tokenizer.chat_template": string(TEMPLATE),
};
