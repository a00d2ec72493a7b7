// A reporter for node --test that writes, as one JSON, the final counts and how long each file took.

// biome-ignore lint/style/noDefaultExport: node:test loads a reporter by its default export alone
export { summary as default };

async function* summary(events) {
  const files = [];
  for await (const { type, data } of events) {
    if (type !== 'test:summary') continue;
    // Summaries of single files have a file; the last one, of all, has none.
    if (data.file !== undefined) files.push({ file: data.file, ms: data.duration_ms });
    else yield JSON.stringify({ counts: data.counts, files });
  }
}
