//! What must happen at one stroke, as Lua that Redis runs.

use redis::Script;

/// Reads and removes a value. Older servers have no command for that.
const TAKE: &str = "\
local value = redis.call('GET', KEYS[1])
if value then redis.call('DEL', KEYS[1]) end
return value";

/// Replaces the value ARGV[1] by ARGV[2] for ARGV[3] seconds.
const REPLACE: &str = "\
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1";

/// Adds one to a counter that lives ARGV[1] seconds from its first increment.
const INCREMENT: &str = "\
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count";

/// Reads the members of an index that live at ARGV[1] (milliseconds), and writes them back sorted. A list that cannot be read is
/// empty. Written by hand: the encoder would round the milliseconds and take an empty list for an object.
const INDEX: &str = "\
local now = tonumber(ARGV[1])

local function read()
  local text = redis.call('GET', KEYS[1])
  local ok, list = pcall(cjson.decode, text or '')
  local members = {}
  if not ok or type(list) ~= 'table' then return members end
  for _, member in ipairs(list) do
    if type(member) ~= 'table' or type(member.token) ~= 'string' or type(member.expiresAt) ~= 'number' then return {} end
    if member.expiresAt > now then members[#members + 1] = member end
  end
  return members
end

local function write(members)
  if #members == 0 then return redis.call('DEL', KEYS[1]) end
  for at, member in ipairs(members) do member.at = at end
  table.sort(members, function(left, right)
    if left.expiresAt ~= right.expiresAt then return left.expiresAt < right.expiresAt end
    return left.at < right.at
  end)
  local parts = {}
  for at, member in ipairs(members) do
    parts[at] = '{\"token\":' .. cjson.encode(member.token) .. ',\"expiresAt\":' .. string.format('%.0f', member.expiresAt) .. '}'
  end
  local life = math.ceil((members[#members].expiresAt - now) / 1000)
  redis.call('SET', KEYS[1], '[' .. table.concat(parts, ',') .. ']', 'EX', string.format('%d', life))
end
";

/// Puts the token ARGV[3], which expires at ARGV[2], into an index.
const INDEX_PUT: &str = "\
local members = {}
for _, member in ipairs(read()) do
  if member.token ~= ARGV[3] then members[#members + 1] = member end
end
local expires_at = tonumber(ARGV[2])
if expires_at > now then members[#members + 1] = { token = ARGV[3], expiresAt = expires_at } end
write(members)";

/// Takes the tokens from ARGV[2] on out of an index.
const INDEX_DROP: &str = "\
local gone = {}
for at = 2, #ARGV do gone[ARGV[at]] = true end
local members = {}
for _, member in ipairs(read()) do
  if not gone[member.token] then members[#members + 1] = member end
end
write(members)";

/// The scripts, with their digests computed once.
pub(crate) struct Scripts {
    pub(crate) take: Script,
    pub(crate) replace: Script,
    pub(crate) increment: Script,
    pub(crate) index_put: Script,
    pub(crate) index_drop: Script,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            take: Script::new(TAKE),
            replace: Script::new(REPLACE),
            increment: Script::new(INCREMENT),
            index_put: Script::new(&format!("{INDEX}{INDEX_PUT}")),
            index_drop: Script::new(&format!("{INDEX}{INDEX_DROP}")),
        }
    }
}
