// Loaded into each process of a test file: ends it when it takes too long, and says what it waits for.
// `--test-timeout` ends tests, and not a file whose tests are over and that left something open.
const MOST_MS = Number(process.env.TEST_FILE_TIMEOUT_MS);

// Also loaded into the process that starts the files, which waits for all of them.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    console.error(`${process.argv[1]} is not over after ${MOST_MS / 1000} s. Open: ${open}`);
    process.exit(1);
  }, MOST_MS).unref();
}
