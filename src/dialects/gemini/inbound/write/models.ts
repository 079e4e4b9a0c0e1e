import type { JsonObject } from "../../../../vocabulary/json.ts";

/** A public model, as far as Google's clients want to know it. */
export interface ListedModel {
  readonly id: string;
  readonly chats: boolean;
  readonly embeds: boolean;
  /** The most it generates in one answer, where that is known. Tokens. */
  readonly maxOutput?: number;
}

/** A model as Google lists it. What is not known is left out. */
export function writeModel({ id, chats, embeds, maxOutput }: ListedModel): JsonObject {
  return {
    name: `models/${id}`,
    displayName: id,
    ...(maxOutput === undefined ? {} : { outputTokenLimit: maxOutput }),
    supportedGenerationMethods: [
      ...(chats ? ["generateContent", "streamGenerateContent", "countTokens"] : []),
      ...(embeds ? ["embedContent", "batchEmbedContents"] : []),
    ],
  };
}
