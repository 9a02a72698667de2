-- What wrk asks the gateway: what dashboards ask, now and then something large. The times are those
-- of conformance/load, in the environment.
local start = tonumber(os.getenv("START"))
local finish = tonumber(os.getenv("END"))
local seed = tonumber(os.getenv("SEED"))

local function escaped(text)
   return (text:gsub("[^%w%-._~]", function(c) return string.format("%%%02X", c:byte()) end))
end

local function instant(query, ago)
   return "/api/v1/query?time=" .. finish - ago .. "&query=" .. escaped(query)
end

local function range(query, from, step)
   return "/api/v1/query_range?start=" .. start + from .. "&end=" .. finish - 60 .. "&step=" .. step
      .. "&query=" .. escaped(query)
end

-- How often in a hundred, and a function that makes a target.
local mix = {
   { 30, function(n) return instant("sum by (path) (rate(load_requests_total[5m]))", n % 600) end },
   { 15, function(n) return instant("topk(5, sum by (cluster, path) (load_requests_total))", n % 60) end },
   { 25, function(n) return range("sum by (cluster) (rate(load_requests_total[5m]))", 600, 60) end },
   { 12, function(n) return range("max(increase(load_requests_total{path=\"/api/" .. n % 10 .. "\"}[5m]))", 600, 30) end },
   { 8, function(n) return "/api/v1/labels?start=" .. start .. "&end=" .. finish end },
   { 6, function(n)
      return "/api/v1/series?start=" .. start .. "&end=" .. finish .. "&match%5B%5D="
         .. escaped("load_requests_total{path=\"/api/" .. n % 10 .. "\"}")
   end },
   { 3, function(n) return range("load_requests_total", 600, 15) end },
   { 1, function(n) return range("sum(load_requests_total) / count(load_requests_total) > " .. n % 1000, 0, 1) end },
}

local threads = {}

function setup(thread)
   thread:set("number", #threads)
   table.insert(threads, thread)
end

function init(args)
   math.randomseed(seed * 1000 + number)
   fine, refused, other, sample = 0, 0, 0, ""
end

function request()
   local chosen = math.random(100)
   for _, row in ipairs(mix) do
      if chosen <= row[1] then return wrk.format("GET", row[2](math.random(10000))) end
      chosen = chosen - row[1]
   end
end

function response(status, headers, body)
   if status == 200 then
      fine = fine + 1
   elseif status == 503 then
      refused = refused + 1
   else
      other = other + 1
      if sample == "" then sample = status .. " " .. body:sub(1, 300) end
   end
end

function done(summary, latency, requests)
   local totals = { fine = 0, refused = 0, other = 0 }
   for _, thread in ipairs(threads) do
      for name in pairs(totals) do totals[name] = totals[name] + thread:get(name) end
      if thread:get("sample") ~= "" then print("such as: " .. thread:get("sample")) end
   end
   print("answered: " .. totals.fine .. ", refused: " .. totals.refused)
   print("other statuses: " .. totals.other)
end
