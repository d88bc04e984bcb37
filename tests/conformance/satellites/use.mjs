/**
 * Loaded into a process before anything else: the reference and its packages then come from this folder, whoever imports them.
 */
import { register } from "node:module";

register("./resolve.mjs", import.meta.url);
