/**
 * What the graphics processor does. Colours are written as they are seen (sRGB), so that the colour bar
 * and the surface agree; light only shades them, softly and from where the eye is.
 */

export const LIGHT = /* glsl */ `
float soft(vec3 normal, vec3 light, float wrap) {
  return clamp((dot(normal, light) + wrap) / (1.0 + wrap), 0.0, 1.0);
}
vec3 lit(vec3 colour, vec3 normal, vec3 eye) {
  vec3 key = normalize(vec3(-0.45, 0.60, 0.66));
  vec3 fill = normalize(vec3(0.70, -0.05, 0.55));
  float shade = 0.46 + 0.44 * soft(normal, key, 0.35) + 0.12 * soft(normal, fill, 0.5);
  float facing = clamp(dot(normal, eye), 0.0, 1.0);
  shade *= mix(0.78, 1.04, pow(facing, 0.55));
  float gloss = pow(max(dot(normal, normalize(key + eye)), 0.0), 22.0);
  return colour * shade + 0.05 * gloss;
}
`;

export const SURFACE_VERTEX = /* glsl */ `
uniform highp sampler2D basis;
uniform vec4 coefficients[TEXELS];
uniform int ends[MODALITIES];
uniform float weights[MODALITIES];
uniform int kind;
in float still;
in float paint;
in float expert;
out vec3 vNormal;
out vec3 vEye;
out vec3 vPlace;
out float vValue;
out float vPaint;
out float vExpert;

float mapped() {
  int first = 0;
  int texel = gl_VertexID * TEXELS;
  float mean = 0.0;
  float square = 0.0;
  for (int m = 0; m < MODALITIES; m++) {
    if (weights[m] != 0.0) {
      float own = 0.0;
      for (int j = first; j < ends[m]; j++) {
        int at = texel + j;
        own += dot(texelFetch(basis, ivec2(at & 2047, at >> 11), 0), coefficients[j]);
      }
      mean += weights[m] * own;
      square += weights[m] * own * own;
    }
    first = ends[m];
  }
  return kind == 1 ? sqrt(max(square - mean * mean, 0.0)) : mean;
}

void main() {
  vec4 place = modelViewMatrix * vec4(position, 1.0);
  vNormal = normalMatrix * normal;
  vEye = -place.xyz;
  vPlace = position;
  vPaint = paint;
  vExpert = expert;
  vValue = kind == 2 ? still : kind > 2 ? 0.0 : mapped();
  gl_Position = projectionMatrix * place;
}
`;

export const SURFACE_FRAGMENT = /* glsl */ `
uniform sampler2D table;
uniform int kind;
uniform vec2 span;
uniform float threshold;
uniform float isoline;
uniform float pixel;
uniform vec3 neutral;
uniform vec3 inside;
uniform vec3 painted;
uniform vec3 expertly;
uniform vec4 cut;
in vec3 vNormal;
in vec3 vEye;
in vec3 vPlace;
in float vValue;
in float vPaint;
in float vExpert;
out vec4 colour;
${LIGHT}

float band(float value, float width) {
  float slope = max(fwidth(value), 1e-6);
  return 1.0 - smoothstep(width - 0.5, width + 0.5, abs(value) / (slope * pixel));
}

vec3 evidence() {
  if (kind == 3) return neutral;
  if (kind == 4) return mix(neutral, expertly, smoothstep(0.35, 0.65, vExpert));
  vec3 shown = texture(table, vec2(clamp((vValue - span.x) / (span.y - span.x), 0.002, 0.998), 0.5)).rgb;
  if (isoline > 0.0) {
    float level = vValue / isoline;
    float slope = max(fwidth(level), 1e-6) * pixel;
    float near = abs(fract(level + 0.5) - 0.5) / slope;
    float line = (1.0 - smoothstep(0.5, 1.5, near)) * (1.0 - smoothstep(0.25, 0.6, slope));
    float luminance = dot(shown, vec3(0.3, 0.6, 0.1));
    shown = mix(shown, luminance > 0.45 ? vec3(0.08) : vec3(0.96), 0.62 * line);
  }
  if (threshold > 0.0) {
    float size = abs(vValue) - threshold;
    shown = mix(neutral, shown, smoothstep(-0.7, 0.7, size / max(fwidth(size), 1e-6)));
  }
  return shown;
}

void main() {
  if (dot(vPlace, cut.xyz) > cut.w) discard;
#ifdef INSIDE
  // The back of the surface is the cut through the wall: flat, as a section is drawn.
  colour = vec4(inside, 1.0);
#else
  vec3 base = evidence();
  if (vPaint > 0.0) {
    float hatch = smoothstep(0.35, 0.65, abs(fract((gl_FragCoord.x + gl_FragCoord.y) / (9.0 * pixel)) - 0.5) * 2.0);
    float covered = smoothstep(0.45, 0.55, vPaint);
    base = mix(base, painted, covered * mix(0.30, 0.62, hatch));
    base = mix(base, painted * 0.75, band(vPaint - 0.5, 1.3));
  }
  colour = vec4(lit(base, normalize(vNormal), normalize(vEye)), 1.0);
#endif
}
`;

export const GLASS_VERTEX = /* glsl */ `
in float fade;
out vec3 vNormal;
out vec3 vEye;
out float vFade;
void main() {
  vec4 place = modelViewMatrix * vec4(position, 1.0);
  vNormal = normalMatrix * normal;
  vEye = -place.xyz;
  vFade = fade;
  gl_Position = projectionMatrix * place;
}
`;

export const GLASS_FRAGMENT = /* glsl */ `
uniform vec3 tint;
uniform vec2 opacity;
uniform float least;
in vec3 vNormal;
in vec3 vEye;
in float vFade;
out vec4 colour;
${LIGHT}
void main() {
  if (vFade < least) discard;
  vec3 eye = normalize(vEye);
  vec3 normal = normalize(vNormal);
  if (dot(normal, eye) < 0.0) normal = -normal;
  float rim = pow(1.0 - clamp(dot(normal, eye), 0.0, 1.0), 1.6);
  colour = vec4(lit(tint, normal, eye), mix(opacity.x, opacity.y, rim) * vFade);
}
`;
