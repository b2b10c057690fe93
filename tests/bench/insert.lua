-- insert.lua - new films by POST. Arguments: path, token ("-": none), a word that is new each run,
-- "slug" where the peer does not make slugs and sort keys by itself ("-": it does).
local threads = 0
local overview = "A retired projectionist returns to the harbour town where his cinema burned down " ..
  "and finds the last reel of a film that was never shown. Over one winter he and the daughter of " ..
  "the owner look for the people in it, and learn why none of them wanted to be found."
local path, word, slugs, count = "", "", false, 0
local headers = { ["Content-Type"] = "application/json" }

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  path, word, slugs = arguments[1], arguments[3], arguments[4] == "slug"
  if arguments[2] ~= "-" then headers["Authorization"] = "Bearer " .. arguments[2] end
end

function request()
  count = count + 1
  local name = string.format("%s %d %d", word, number, count)
  local more = ""
  if slugs then
    more = string.format(',"slug":"winter-reel-%s-1975","sort_key":"winter reel %s"',
      name:gsub(" ", "-"), name)
  end
  return wrk.format("POST", path, headers, string.format(
    '{"title":"Winter Reel %s","year":1975,"genres":["drama"],"status":"published","overview":"%s"%s}',
    name, overview, more))
end
