use super::world::World;
