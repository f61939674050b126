#include "node/tools/stroke_font.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace punctum {
namespace {

/// One sign on a grid: lines separated by spaces, each a chain of points "xy"; capitals stand on y = 6 and reach y = 0,
/// small letters reach y = 2 and hang down to y = 8. A chain of one point is a dot.
struct Glyph {
  char sign;
  std::string_view lines;
};

constexpr std::array glyphs{
    Glyph{'A', "062046 1434"},
    Glyph{'B', "0006 003041423303 3344453606"},
    Glyph{'C', "4130100105163645"},
    Glyph{'D', "00204244260600"},
    Glyph{'E', "40000646 0333"},
    Glyph{'F', "400006 0333"},
    Glyph{'G', "41301001051636454323"},
    Glyph{'H', "0006 4046 0343"},
    Glyph{'I', "0006"},
    Glyph{'J', "3035261605"},
    Glyph{'K', "0006 4003 1246"},
    Glyph{'L', "000636"},
    Glyph{'M', "0600234046"},
    Glyph{'N', "06004640"},
    Glyph{'O', "103041453616050110"},
    Glyph{'P', "06003041423303"},
    Glyph{'Q', "103041453616050110 3446"},
    Glyph{'R', "06003041423303 2346"},
    Glyph{'S', "413010010213334445361605"},
    Glyph{'T', "0040 2026"},
    Glyph{'U', "000516364540"},
    Glyph{'V', "002640"},
    Glyph{'W', "0016315660"},
    Glyph{'X', "0046 4006"},
    Glyph{'Y', "002340 2326"},
    Glyph{'Z', "00400646"},
    Glyph{'a', "3236 3322120305162635"},
    Glyph{'b', "0006 0312223335261605"},
    Glyph{'c', "3322120305162635"},
    Glyph{'d', "3036 3322120305162635"},
    Glyph{'e', "04343322120305162635"},
    Glyph{'f', "201116 0222"},
    Glyph{'g', "3237281807 3322120305162635"},
    Glyph{'h', "0006 0312223336"},
    Glyph{'i', "0206 00"},
    Glyph{'j', "121708 10"},
    Glyph{'k', "0006 3204 1336"},
    Glyph{'l', "000516"},
    Glyph{'m', "0206 03122326 23324346"},
    Glyph{'n', "0206 0312223336"},
    Glyph{'o', "122233352616050312"},
    Glyph{'p', "0208 0312223335261605"},
    Glyph{'q', "3238 3322120305162635"},
    Glyph{'r', "0206 031222"},
    Glyph{'s', "33221203143435261605"},
    Glyph{'t', "101526 0222"},
    Glyph{'u', "0205162635 3236"},
    Glyph{'v', "022642"},
    Glyph{'w', "0216233642"},
    Glyph{'x', "0236 3206"},
    Glyph{'y', "0205162635 3237281807"},
    Glyph{'z', "02320636"},
    Glyph{'0', "102031352616050110"},
    Glyph{'1', "011016"},
    Glyph{'2', "011020310636"},
    Glyph{'3', "0110203132233435261605 1323"},
    Glyph{'4', "26200434"},
    Glyph{'5', "300003223335261605"},
    Glyph{'6', "31201001051626353423 231304"},
    Glyph{'7', "003016"},
    Glyph{'8', "1302011020313223343526160504 0413 1323"},
    Glyph{'9', "051626353120100102 02132332"},
    Glyph{'.', "06"},
    Glyph{',', "1607"},
    Glyph{':', "03 06"},
    Glyph{';', "13 1607"},
    Glyph{'-', "0323"},
    Glyph{'+', "0343 2125"},
    Glyph{'(', "10010516"},
    Glyph{')', "00111506"},
    Glyph{'/', "2006"},
    Glyph{'%', "4006 0010110100 3545463635"},
    Glyph{'=', "0232 0434"},
    Glyph{'<', "310335"},
    Glyph{'>', "013305"},
    Glyph{'\'', "0001"},
    Glyph{'!', "0004 06"},
    Glyph{'_', "0646"},
    Glyph{'?', "0110203132232424 26"},
    Glyph{'*', "1115 0232 3402"},
    Glyph{'\1', "0335 0533"},  // multiplication sign
    Glyph{'\2', "03"},         // middle dot
};

constexpr double advance_between = 1.5;  // grid units between two signs
constexpr double space_width = 2.2;
constexpr double grid_cap_height = 6;

const Glyph& glyph_of(char sign) {
  const auto found = std::find_if(glyphs.begin(), glyphs.end(), [&](const auto& glyph) { return glyph.sign == sign; });
  return found != glyphs.end() ? *found : glyph_of('?');
}

double grid_width(const Glyph& glyph) {
  double width = 0;
  std::size_t at = 0;
  for (const char c : glyph.lines) {
    if (c == ' ') {
      at = 0;
      continue;
    }
    if (at++ % 2 == 0) width = std::max(width, static_cast<double>(c - '0'));
  }
  return width;
}

/// One byte a sign: the few characters beyond ASCII that captions use have places of their own.
std::string signs_of(std::string_view utf8) {
  std::string signs;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (utf8.substr(i).starts_with("×")) signs += '\1';
    if (utf8.substr(i).starts_with("·")) signs += '\2';
    const bool known = utf8.substr(i).starts_with("×") || utf8.substr(i).starts_with("·");
    if (byte < 0x80) signs += utf8[i];
    if (byte >= 0xc0 && !known) signs += '?';
  }
  return signs;
}

void append_lines(std::vector<Segment>& segments, const Glyph& glyph, const CanvasPoint& origin, double unit) {
  const auto point = [&](std::size_t i) {
    return CanvasPoint{origin.x + (glyph.lines[i] - '0') * unit,
                       origin.y + (glyph.lines[i + 1] - '0' - grid_cap_height) * unit};
  };
  for (std::size_t start = 0; start < glyph.lines.size();) {
    const auto end = std::min(glyph.lines.find(' ', start), glyph.lines.size());
    if (end - start == 2) segments.push_back({point(start), point(start)});
    for (auto i = start; i + 4 <= end; i += 2) segments.push_back({point(i), point(i + 2)});
    start = end + 1;
  }
}

}  // namespace

double text_width(std::string_view utf8, double cap_height) {
  double units = 0;
  for (const char sign : signs_of(utf8)) {
    units += (sign == ' ' ? space_width : grid_width(glyph_of(sign))) + advance_between;
  }
  return std::max(0.0, units - advance_between) * cap_height / grid_cap_height;
}

void draw_text(Picture& picture, std::string_view utf8, const CanvasPoint& left_baseline, double cap_height,
               const Colour& colour, double halo) {
  const double unit = cap_height / grid_cap_height;
  double x = left_baseline.x;
  for (const char sign : signs_of(utf8)) {
    if (sign == ' ') {
      x += (space_width + advance_between) * unit;
      continue;
    }
    const auto& glyph = glyph_of(sign);
    std::vector<Segment> segments;
    append_lines(segments, glyph, {x, left_baseline.y}, unit);
    const double width = std::max(1.25, 0.125 * cap_height);
    if (halo > 0) stroke(picture, segments, width + 2 * halo, Colour{}, 0.55);
    stroke(picture, segments, width, colour);
    x += (grid_width(glyph) + advance_between) * unit;
  }
}

}  // namespace punctum
