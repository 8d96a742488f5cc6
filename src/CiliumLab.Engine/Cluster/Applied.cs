namespace CiliumLab.Engine.Cluster;

/// <summary>An object that was applied.</summary>
/// <param name="Object">The object as it is now.</param>
/// <param name="Created">Whether it was not there before.</param>
/// <param name="Changed">Whether anything of it is other than before; true for a new one.</param>
internal sealed record Applied<T>(T Object, bool Created, bool Changed);
