import { inProcessHouse } from "./houses/in-process.ts";
import { describeLife } from "./life.ts";

describeLife("a fake driver in this process", async () => inProcessHouse());
