-- Sends the requests of the file BENCH_REQUESTS. Its first line says how: "list" and how many, each request behind a line
-- with its length, round and round, or once where it says "once"; "counted" is a single request whose ten # become a
-- number that is never the same.
local file = assert(io.open(os.getenv('BENCH_REQUESTS'), 'rb'))
local kind, count = file:read('*l'):match('(%a+) (%d+)')
count = tonumber(count)
local requests = {}
for n = 1, count do
  requests[n] = file:read(tonumber(file:read('*l')))
end
file:close()

-- wrk sleeps through its whole duration, however early its thread has stopped. So the moment is told at once, and the
-- runner ends wrk.
local ffi = require('ffi')
ffi.cdef('typedef struct { long s; long ns; } bench_time; int clock_gettime(int, bench_time *);')
local time = ffi.new('bench_time')
local function now()
  ffi.C.clock_gettime(1, time)
  return tonumber(time.s) + tonumber(time.ns) / 1e9
end

local sent, began = 0, 0
if kind == 'counted' then
  local first, last = requests[1]:find('##########', 1, true)
  local head, tail = requests[1]:sub(1, first - 1), requests[1]:sub(last + 1)
  request = function()
    sent = sent + 1
    return head .. string.format('%010d', sent) .. tail
  end
elseif kind == 'once' then
  request = function()
    if sent == 0 then began = now() end
    sent = sent + 1
    if sent == count + 1 then
      wrk.thread:stop()
      io.write(string.format('ENDED %f\n', now() - began))
      io.flush()
    end
    return requests[(sent - 1) % count + 1]
  end
else
  request = function()
    sent = sent + 1
    return requests[(sent - 1) % count + 1]
  end
end

function done(summary)
  local e = summary.errors
  io.write(string.format('BENCH %d %d %d %d\n', summary.requests, summary.duration,
    e.connect + e.read + e.write + e.timeout, e.status))
end
