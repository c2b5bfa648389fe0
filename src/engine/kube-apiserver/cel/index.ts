// Common Expression Language as kube-apiserver knows it: the environment that validation rules and admission policies share.
export { compile, mentions, type Program } from './compile'
export { baseEnvironment } from './library'
export { compilePolicy, toDynamic } from './policy'
export { compileMutation, fromDynamic } from './mutation'
