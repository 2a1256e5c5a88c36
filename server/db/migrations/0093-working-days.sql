-- feature: watch
-- why:     working days are counted for every step of every ladder that is laid out; the same rules in whole numbers take a tenth of the time
-- locks:   none that anybody waits for: functions alone

drop function watch.is_working_day(date, date);

-- Easter by the Gregorian reckoning (Meeus, Jones, Butcher): whole numbers, every division rounds down.
create or replace function watch.easter_sunday(year integer) returns date language plpgsql immutable strict parallel safe as $$
declare
  a integer := year % 19;
  b integer := year / 100;
  c integer := year % 100;
  h integer := (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  l integer := (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  m integer := (a + 11 * h + 22 * l) / 451;
begin
  return make_date(year, (h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1);
end $$;

-- Holidays of a year that are no Sundays by themselves, in days since Monday 1 January of the year 1.
create function watch.days_off(year integer) returns integer[] language plpgsql immutable strict parallel safe as $$
declare
  monday constant date := '0001-01-01';
  easter integer := watch.easter_sunday(year) - monday;
begin
  return array[easter - 3, easter - 2, easter + 1, easter + 39, easter + 50,
               make_date(year, 1, 1) - monday, make_date(year, 5, 1) - monday, make_date(year, 5, 17) - monday,
               make_date(year, 12, 25) - monday, make_date(year, 12, 26) - monday];
end $$;

create or replace function watch.is_working_day(day date) returns boolean language sql immutable strict parallel safe as $$
  select ($1 - date '0001-01-01') % 7 < 5 and $1 - date '0001-01-01' <> all(watch.days_off(date_part('year', $1)::integer))
$$;

create or replace function watch.add_working_days(at timestamptz, days integer) returns timestamptz language plpgsql immutable strict parallel safe as $$
declare
  monday constant date := '0001-01-01';
  here   timestamp := at at time zone 'Europe/Oslo';
  hour   time := here::time;
  day    integer := here::date - monday;
  n      integer := days;
  year   integer := date_part('year', here);
  last   integer := make_date(year, 12, 31) - monday;
  off    integer[] := watch.days_off(year);
begin
  if day % 7 > 4 or day = any(off) then
    hour := time '00:00';
    n := n + 1;
  end if;
  while n > 0 loop
    day := day + 1;
    if day > last then
      year := year + 1;
      last := make_date(year, 12, 31) - monday;
      off := watch.days_off(year);
    end if;
    if day % 7 < 5 and day <> all(off) then n := n - 1; end if;
  end loop;
  return (monday + day + hour) at time zone 'Europe/Oslo';
end $$;
