import { describe } from "bun:test";
import { whyNoDocker } from "../../../harness/docker.ts";
import { dockerHouse } from "./houses/docker.ts";
import { describeLife } from "./life.ts";

const why = whyNoDocker();
describe.skipIf(why !== undefined)(`a real Docker Engine${why === undefined ? "" : `, ${why}`}`, () => {
  describeLife("the docker driver", dockerHouse);
});
