import config from "../../playwright.config.ts"

/** The pictures of docs/: `npm run pictures`. No suite: what they show is tested by the specs of `test/e2e`. */
export default { ...config, testDir: ".", outputDir: "../../test-results/pictures" }
