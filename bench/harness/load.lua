-- wrk's side: each request with the next of many access tokens.
-- Arguments: a file with one token a line, how many of them are used (0: all), a target, bytes to post
-- (0: GET), and the mean of the pauses between two requests of one connection in microseconds (0: none,
-- as many requests as the server takes).
local requests = {}
local index = 0
local pause = 0

function init(args)
  local most, target, bytes = tonumber(args[2]), args[3], tonumber(args[4])
  pause = tonumber(args[5]) / 1000
  local method, body = "GET", nil
  if bytes > 0 then method, body = "POST", string.rep("x", bytes) end
  for token in io.lines(args[1]) do
    local headers = { ["Authorization"] = "Bearer " .. token, ["User-Agent"] = "wrk", ["Accept"] = "*/*" }
    if body then headers["Content-Type"] = "application/octet-stream" end
    requests[#requests + 1] = wrk.format(method, target, headers, body)
    if #requests == most then break end
  end
  -- Runs are short: each begins elsewhere.
  math.randomseed(os.time())
  index = math.random(#requests)
  -- Without a pause to make, wrk must not be told of the function at all.
  if pause > 0 then
    delay = function()
      -- Exponential, so that requests come as those of many people do.
      return math.floor(-math.log(1 - math.random()) * pause + math.random())
    end
  end
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
