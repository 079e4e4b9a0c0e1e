import { Document, isMap, isSeq, visit } from "yaml";

/** Lists and sections of at most so many characters are written on one line. */
const SHORT = 120;

/** A config as the text of a `signalbox.yaml`. */
export function configText(value: Readonly<Record<string, unknown>>, heading: string): string {
  const document = new Document(value);
  document.commentBefore = ` ${heading}`;
  visit(document, {
    Collection(_key, node, path) {
      // What stands below a name of the operator's choice is what people look at: one line each, where it fits.
      if (path.length > 3 && (isMap(node) || isSeq(node)) && JSON.stringify(node).length <= SHORT) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
