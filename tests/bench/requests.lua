-- requests.lua - requests from a file, in turn. Arguments: the file.
-- A line: METHOD path, then headers as "Name: value" with tabs between.
local threads, ready, at = 0, {}, 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local parts = {}
    for part in line:gmatch("[^\t]+") do parts[#parts + 1] = part end
    local method, path = parts[1]:match("^(%S+) (%S+)$")
    local headers = {}
    for i = 2, #parts do
      local name, value = parts[i]:match("^([^:]+): (.*)$")
      headers[name] = value
    end
    ready[#ready + 1] = wrk.format(method, path, headers)
  end
  at = number * 37 % #ready
end

function request()
  at = at % #ready + 1
  return ready[at]
end
