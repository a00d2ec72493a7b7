// A reporter for node --test that writes the final counts as JSON, for tools/test.mjs.

// biome-ignore lint/style/noDefaultExport: node:test loads a reporter by its default export alone
export { counts as default };

async function* counts(events) {
  for await (const { type, data } of events) {
    // Summaries of single files have a file; the last one, of all, has none.
    if (type === 'test:summary' && data.file === undefined) yield JSON.stringify(data.counts);
  }
}
