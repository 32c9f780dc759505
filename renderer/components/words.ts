export { sentence } from "../../core/schema/phrases.ts"
