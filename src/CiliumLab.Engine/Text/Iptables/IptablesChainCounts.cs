using CiliumLab.Model;

namespace CiliumLab.Engine.Text.Iptables;

/// <summary>
/// How many rules each chain of one table has so far. kube-proxy makes two chains for every service, so this is a hash table
/// over plain arrays: tens of thousands of names and entries as objects of their own would keep the garbage collector busy.
/// </summary>
internal sealed class IptablesChainCounts
{
    private int[] _buckets = [];
    private Slot[] _slots = [];
    private char[] _names = [];
    private int _used;
    private int _namesUsed;
    private int _declared;
    private int _last = -1;
    private string _lastName = "";

    /// <summary>One more chain is declared: rules follow that will need a place for it.</summary>
    public void Declare() => _declared++;

    /// <summary>Counts one more rule of a chain.</summary>
    /// <returns>The chain's name and the rule's number.</returns>
    public (string Chain, int Number) Add(ReadOnlySpan<char> chain)
    {
        // The rules of a chain stand together.
        if (_last < 0 || !chain.SequenceEqual(_lastName))
        {
            var hash = string.GetHashCode(chain);
            _last = Find(chain, hash);
            if (_last < 0)
                _last = Insert(chain, hash);
            _lastName = IptablesNames.Get(chain);
        }

        return (_lastName, ++_slots[_last].Count);
    }

    /// <summary>The chain with the number of its rules so far.</summary>
    public IptablesChain Counted(IptablesChain chain)
    {
        var slot = Find(chain.Chain, string.GetHashCode(chain.Chain));
        return chain with { RuleCount = slot < 0 ? 0 : _slots[slot].Count };
    }

    private int Find(ReadOnlySpan<char> chain, int hash)
    {
        if (_buckets.Length == 0)
            return -1;
        for (var slot = _buckets[(uint)hash % (uint)_buckets.Length] - 1; slot >= 0; slot = _slots[slot].Next)
        {
            if (_slots[slot].Hash == hash && chain.SequenceEqual(_names.AsSpan(_slots[slot].NameStart, _slots[slot].NameLength)))
                return slot;
        }

        return -1;
    }

    private int Insert(ReadOnlySpan<char> chain, int hash)
    {
        if (_used == _slots.Length)
            Grow();
        if (_names.Length - _namesUsed < chain.Length)
            Array.Resize(ref _names, Math.Max((_namesUsed + chain.Length) * 2, _slots.Length * 24));
        chain.CopyTo(_names.AsSpan(_namesUsed));
        _slots[_used] = new Slot { Hash = hash, NameStart = _namesUsed, NameLength = chain.Length };
        _namesUsed += chain.Length;
        Link(_used);
        return _used++;
    }

    private void Grow()
    {
        Array.Resize(ref _slots, Math.Max(Math.Max(16, _declared), _used * 2));
        _buckets = new int[_slots.Length | 1];
        for (var slot = 0; slot < _used; slot++)
            Link(slot);
    }

    private void Link(int slot)
    {
        ref var bucket = ref _buckets[(uint)_slots[slot].Hash % (uint)_buckets.Length];
        _slots[slot].Next = bucket - 1;
        bucket = slot + 1;
    }

    private struct Slot
    {
        public int Hash;
        public int Next;
        public int NameStart;
        public int NameLength;
        public int Count;
    }
}
