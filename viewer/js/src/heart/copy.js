/** Puts a picture drawn off screen onto the screen, as it is. */

import { GLSL3, Mesh, NoBlending, OrthographicCamera, PlaneGeometry, RawShaderMaterial, Scene } from "three";

const VERTEX = /* glsl */ `
in vec3 position;
out vec2 at;
void main() {
  at = 0.5 * position.xy + 0.5;
  gl_Position = vec4(position.xy, 0.0, 1.0);
}
`;

const FRAGMENT = /* glsl */ `
precision highp float;
uniform sampler2D picture;
in vec2 at;
out vec4 colour;
void main() {
  colour = texture(picture, at);
}
`;

export function createCopy() {
  const material = new RawShaderMaterial({
    glslVersion: GLSL3,
    uniforms: { picture: { value: null } },
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    depthTest: false,
    depthWrite: false,
    blending: NoBlending,
  });
  const geometry = new PlaneGeometry(2, 2);
  const scene = new Scene();
  const mesh = new Mesh(geometry, material);
  mesh.frustumCulled = false;
  scene.add(mesh);
  const camera = new OrthographicCamera();
  return {
    draw(renderer, texture, { width, height }) {
      material.uniforms.picture.value = texture;
      renderer.setViewport(0, 0, width, height);
      renderer.setScissorTest(false);
      renderer.render(scene, camera);
    },
    dispose() {
      geometry.dispose();
      material.dispose();
    },
  };
}
