-- post.lua - bodies by POST, in turn. Arguments: a file with a body a line; a field, or none: its value in an
-- answer takes its place in the body that was answered, so that each caller goes on with what it got.
local bodies, field, first = {}, nil, true
local headers = { ["Content-Type"] = "application/json" }

function init(arguments)
  for line in io.lines(arguments[1]) do bodies[#bodies + 1] = line end
  field = arguments[2]
end

-- A body is asked with by one caller at a time: taken here, put back with its answer.
function request()
  local body = bodies[1]
  if first then -- wrk looks at what is made, and does not send it
    first = false
  else
    table.remove(bodies, 1)
    if not field then bodies[#bodies + 1] = body end
  end
  return wrk.format("POST", nil, headers, body)
end

function response(status, _, body)
  if not field or status ~= 200 then return end
  local value = body:match('"' .. field .. '": *"([^"]+)"')
  bodies[#bodies + 1] = string.format('{"%s":"%s"}', field, value)
end
