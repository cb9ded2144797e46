// SPDX-License-Identifier: Apache-2.0
export default function TracePage({ id }: { readonly id: string }) {
  return <p>{id}</p>;
}
