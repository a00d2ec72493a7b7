-- wrk's side: GET one post, each request with the next of many access tokens.
-- Argument: a file with one token a line.
local requests = {}
local index = 0

function init(args)
  for token in io.lines(args[1]) do
    local headers = { ["Authorization"] = "Bearer " .. token }
    requests[#requests + 1] = wrk.format("GET", "/board/v1/posts/pst_1", headers)
  end
  -- Runs are short: each begins elsewhere.
  math.randomseed(os.time())
  index = math.random(#requests)
end

function request()
  index = index % #requests + 1
  return requests[index]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"count":%d,"elapsedMs":%.1f,"failed":%d,"p50Ms":%.3f,"p99Ms":%.3f}\n',
    summary.requests, summary.duration / 1000,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
